import { execFileSync } from 'node:child_process';
import { closeSync, openSync, rmSync, statfsSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { ingests } from '../../e2e/separate-processes.ts';
import type { Fault } from './fault.ts';

const hour = 3_600_000;
const shiftMillis = 8_000;
const fullMillis = 15_000;

export const faultsOfTheMachine: readonly Fault[] = [
  {
    number: 14,
    name: 'the disk that history is written to is full',
    needsSmallDisk: true,
    async strike({ historyFolder, processes }) {
      const said = () => ingests.map((name) => processes.of(name).output()).join('');
      const before = said().length;
      const filler = join(historyFolder, 'filler');
      fill(filler);
      await delay(fullMillis);
      // Otherwise nothing was hit.
      expect(said().slice(before)).toMatch(/ENOSPC|No space left/);
      rmSync(filler);
    },
  },
  {
    number: 15,
    name: 'the clock of Asof’s machine jumps an hour ahead, and back',
    async strike({ clockShiftFile }) {
      writeFileSync(clockShiftFile, String(hour));
      await delay(shiftMillis);
      writeFileSync(clockShiftFile, '0');
      await delay(shiftMillis);
    },
  },
];

/** Until nothing more fits. */
function fill(file: string): void {
  const handle = openSync(file, 'w');
  const chunk = Buffer.alloc(64 * 1024, 1);
  try {
    for (;;) writeSync(handle, chunk);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  } finally {
    closeSync(handle);
  }
}

/** A small disk of its own at this folder, where this user may mount one; what takes it away again, or null. */
export function mountSmallDisk(folder: string): (() => void) | null {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return null;
  }
  if (statfsSync(folder).blocks * statfsSync(folder).bsize > 100e6) throw new Error('the small disk is not small');
  return () => void execFileSync('umount', ['-l', folder], { stdio: 'ignore' });
}

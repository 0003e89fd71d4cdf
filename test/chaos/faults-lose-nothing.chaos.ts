import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, inject, it } from 'vitest';
import { seeded } from '../exactly-once/seeded.ts';
import { describeWithService } from '../services/find-program.ts';
import { enginesNeeded, startEngines, startLosableRedis } from './engines.ts';
import type { Fault } from './faults/fault.ts';
import { faults } from './faults.ts';
import { writeReport } from './report.ts';
import './settings.ts';
import { strike } from './strike.ts';
import { startWorld, type World } from './world.ts';

const { seed, sample } = inject('chaos');

describeWithService(`faults that lose nothing (seed ${seed})`, enginesNeeded, () => {
  let world: World;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'asof-chaos-'));
    world = await startWorld(folder, seed, await startEngines(startLosableRedis(join(folder, 'redis'))));
  }, 180_000);
  afterAll(async () => {
    await world?.producer.stop();
    await world?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
    writeReport(inject('chaos'));
  });

  for (const fault of chosen(faults, sample)) {
    it(`${fault.number}: ${fault.name}`, { timeout: 400_000 }, async ({ skip }) => {
      if (fault.needsSmallDisk === true && !world.hasSmallDisk) skip('no disk can be mounted here; run it as root');
      await strike(world, fault);
    });
  }
});

/** All, or so many that the seed chooses. */
function chosen(all: readonly Fault[], count: number | null): readonly Fault[] {
  if (count === null) return all;
  const random = seeded(seed);
  const picked = all.map((fault) => ({ fault, turn: random() })).sort((a, b) => a.turn - b.turn);
  const numbers = new Set(picked.slice(0, count).map(({ fault }) => fault.number));
  return all.filter(({ number }) => numbers.has(number));
}

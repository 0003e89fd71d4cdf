import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { CommittedOffset } from '../../core/ports/event-log.ts';
import { replaceFile } from '../files/replace-file.ts';

/**
 * What groups have committed: `groups/<group>/<topic>.json` with `{"offsets":{"<partition>":<next offset>}}`, and beside it
 * `"notes":{"<partition>":"…"}` where there are any.
 */
export interface GroupOffsets {
  read(group: string, topic: string): Promise<Map<number, CommittedOffset>>;
  /** Partitions that are not named keep theirs. */
  write(group: string, topic: string, offsets: ReadonlyMap<number, CommittedOffset>): Promise<void>;
  /** Waits for writes that were asked for. */
  settle(): Promise<void>;
}

export function createGroupOffsets(folder: string, sync: boolean): GroupOffsets {
  /** One write after another per file, so that none overtakes. */
  const queues = new Map<string, Promise<void>>();
  const fileOf = (group: string, topic: string): string => join(folder, group, `${topic}.json`);

  return {
    read: (group, topic) => readOffsets(fileOf(group, topic)),
    write: (group, topic, offsets) => {
      const file = fileOf(group, topic);
      const written = (queues.get(file) ?? Promise.resolve()).then(async () => {
        await mkdir(join(folder, group), { recursive: true });
        const merged = new Map([...(await readOffsets(file)), ...offsets]);
        await replaceFile(file, `${textOf(merged)}\n`, { sync });
      });
      const settled = written.catch(() => {});
      queues.set(file, settled);
      return written;
    },
    settle: async () => {
      await Promise.all(queues.values());
    },
  };
}

function textOf(committed: ReadonlyMap<number, CommittedOffset>): string {
  const notes = [...committed].flatMap(([partition, { note }]) => (note === null ? [] : [[partition, note]]));
  return JSON.stringify({
    offsets: Object.fromEntries([...committed].map(([partition, { offset }]) => [partition, offset])),
    ...(notes.length > 0 && { notes: Object.fromEntries(notes) }),
  });
}

async function readOffsets(file: string): Promise<Map<number, CommittedOffset>> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return new Map();
  const offsets = parseOffsets(text);
  if (offsets !== null) return offsets;
  throw new AsofError('CORRUPT', 'a consumer group’s committed offsets are damaged', {
    path: file,
    expected: '{"offsets":{"0":<next offset>}}',
    got: JSON.stringify(text.slice(0, 80)),
    remedy: 'Delete the file: the group then starts from the beginning, and what is stored already is recognised',
  });
}

function parseOffsets(text: string): Map<number, CommittedOffset> | null {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null || !('offsets' in parsed)) return null;
    if (typeof parsed.offsets !== 'object' || parsed.offsets === null) return null;
    const notes: Readonly<Record<string, unknown>> = { ...('notes' in parsed ? (parsed.notes as object) : {}) };
    const offsets = new Map<number, CommittedOffset>();
    for (const [partition, offset] of Object.entries(parsed.offsets)) {
      if (!/^\d+$/.test(partition) || !Number.isSafeInteger(offset) || offset < 0) return null;
      const note = notes[partition] ?? null;
      if (note !== null && typeof note !== 'string') return null;
      offsets.set(Number(partition), { offset, note });
    }
    return offsets;
  } catch {
    return null;
  }
}

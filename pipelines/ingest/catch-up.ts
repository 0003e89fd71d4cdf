import type { CompiledSource } from '../../core/definitions/compiled.ts';
import type { IngestDeps } from './deps.ts';
import type { LetterBox } from './letters.ts';
import { readLog } from './read-log.ts';

/**
 * Appends to the offline store what the topic held before this source began to read it: a source that is added to a
 * topic already consumed has its whole history there, though the group's offset is far beyond.
 */
export async function catchUpOffline(
  deps: Pick<IngestDeps, 'offline' | 'log' | 'codecs'> & { readonly deadLetters: Pick<LetterBox, 'put'> },
  source: CompiledSource,
  topic: string,
  nextOffsets: ReadonlyMap<number, number>,
): Promise<void> {
  const { offline, deadLetters } = deps;
  const durable = await offline.durablePositions(source);
  for (const [partition, to] of nextOffsets) {
    const held = durable.get(`${topic}/${partition}`);
    let appended = 0;
    for await (const { records, letters } of readLog(deps, source, { topic, partition, from: (held ?? -1) + 1, to })) {
      if (letters.length > 0) await deadLetters.put(letters);
      await offline.append(source, records);
      appended += records.length;
    }
    if (appended > 0) await offline.flush(source);
  }
}

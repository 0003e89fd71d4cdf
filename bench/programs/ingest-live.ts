import { writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { createSystemClock } from '../../adapters/clock/system-clock.ts';
import { answersAt } from './answers-at.ts';
import { type IngestPlaces, openIngest } from './ingest-process.ts';
import { readRequest } from './measured.ts';

/**
 * Ingest that is started in the middle of a stream and lives until all of it is there. Says, a line of JSON each: when its
 * first batch comes; when nothing waits any more, and what it has applied until then; when all is there, once the keys'
 * values at `readAt` are written.
 */
export interface IngestLiveRequest extends IngestPlaces {
  readonly messages: number;
  readonly answers: string;
  readonly readAt: number;
}

const { messages, answers, readAt, ...request } = readRequest<IngestLiveRequest>();
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
let applied = 0;
let firstBatchAt = 0;
const { ingest, log, reader, close } = await openIngest({
  ...request,
  systemClock: createSystemClock(),
  onFirstBatch: () => {
    firstBatchAt = performance.now();
    say({ state: 'consuming' });
  },
  onBatch: ({ records }) => {
    applied += records;
  },
});
await ingest.start();
let isAtEnd = false;
for (;;) {
  await delay(50);
  const ends = await log.endOffsets(request.topic);
  const next = ingest.nextOffsets(request.topic);
  const waiting = [...ends].reduce((sum, [partition, end]) => sum + end - (next.get(partition) ?? 0), 0);
  // Between two looks some have come already.
  if (!isAtEnd && firstBatchAt > 0 && waiting < 5_000) {
    isAtEnd = true;
    say({ state: 'at end', seconds: (performance.now() - firstBatchAt) / 1_000, applied });
  }
  const sent = [...ends.values()].reduce((sum, end) => sum + end, 0);
  if (sent === messages && waiting === 0) break;
}
await ingest.flush();
await writeFile(answers, JSON.stringify(await answersAt(reader, request.topic, readAt)));
say({ state: 'done' });
await close();

import { writeFile } from 'node:fs/promises';
import { createSystemClock } from '../../adapters/clock/system-clock.ts';
import { answersAt } from './answers-at.ts';
import { type IngestPlaces, openIngest } from './ingest-process.ts';
import { readRequest, startWatch, type Watch } from './measured.ts';

/** A topic into both stores, from the first batch until all of it is in both and committed. */
export interface IngestRequest extends IngestPlaces {
  readonly messages: number;
  /** Where each key's values at `readAt` are written as JSON, to be compared. */
  readonly answers: string;
  readonly readAt: number;
}

const { messages, answers, readAt, ...request } = readRequest<IngestRequest>();
let watch: Watch | null = null;
let seen = 0;
let done: () => void;
const all = new Promise<void>((resolve) => {
  done = resolve;
});
const { ingest, reader, close } = await openIngest({
  ...request,
  systemClock: createSystemClock(),
  onFirstBatch: () => {
    watch = startWatch();
  },
  onBatch: ({ records, rejected }) => {
    if (rejected > 0) throw new Error(`${rejected} messages were rejected`);
    seen += records;
    if (seen >= messages) done();
  },
});
await ingest.start();
await all;
await ingest.flush();
watch!.print({ messages: seen });
await writeFile(answers, JSON.stringify(await answersAt(reader, request.topic, readAt)));
await close();

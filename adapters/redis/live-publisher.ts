import { randomBytes } from 'node:crypto';
import type { SystemClock } from '../../core/ports/clocks.ts';
import type { LiveLink } from './live-link.ts';
import { type LiveKeys, publishScript, publishSha } from './live-stream.ts';

export interface LivePublisherDeps {
  readonly link: LiveLink;
  readonly keys: LiveKeys;
  /** Another one for each process that publishes. */
  readonly publisher: string;
  readonly clock: SystemClock;
  readonly closing: AbortSignal;
  /** Of the stream. */
  readonly limits: { readonly entries: number; readonly bytes: number };
  /** What may wait while Redis is away. */
  readonly waiting: { readonly messages: number; readonly bytes: number };
  /** Hears why the stream cannot be written when that begins; null when it can again. */
  readonly onContact: (lost: unknown) => void;
}

export interface LivePublisher {
  /** Resolves when it is in the stream, or when the stream is away: then it waits, or its loss is told in the stream. */
  publish(message: string): Promise<void>;
  /** Resolves when nothing waits any more, or the last try has failed. */
  settled(): Promise<void>;
}

interface Waiting {
  readonly message: string;
  /** Whether messages before it had to be left out. */
  isAfterLoss: boolean;
  readonly settle: () => void;
}

const answerMillis = 2_000;
const retryMillis = 500;
const batchMessages = 500;
const batchBytes = 1_048_576;

/** One batch is under way at a time: what is published meanwhile makes the next. */
export function createLivePublisher(deps: LivePublisherDeps): LivePublisher {
  const { link, keys, publisher, clock, closing, limits, waiting, onContact } = deps;
  const queue: Waiting[] = [];
  let queuedBytes = 0;
  let lostMessages = false;
  let number = 0;
  let isAway = false;
  let isSending = false;
  let sending: Promise<void> = Promise.resolve();

  /** A batch that arrived though its reply did not is not appended twice: the script knows its number. */
  async function append(batch: readonly Waiting[]): Promise<void> {
    const messages = batch.flatMap(({ message, isAfterLoss }) => [isAfterLoss ? '1' : '', message]);
    const epoch = randomBytes(6).toString('hex');
    const named = [keys.stream, keys.state, keys.publisher(publisher)];
    const args = [publishSha, named.length, ...named, limits.entries, limits.bytes, number, epoch, ...messages];
    try {
      await link.ask('evalsha', args, answerMillis);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      await link.ask('script', ['LOAD', publishScript], answerMillis);
      await link.ask('evalsha', args, answerMillis);
    }
  }

  function nextBatch(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { message } of queue.slice(0, batchMessages)) {
      bytes += message.length;
      if (count > 0 && bytes > batchBytes) break;
      count++;
    }
    const batch = queue.splice(0, count);
    for (const { message } of batch) queuedBytes -= message.length;
    number++;
    return batch;
  }

  async function send(): Promise<void> {
    while (queue.length > 0) {
      const batch = nextBatch();
      for (;;) {
        try {
          await append(batch);
          break;
        } catch (error) {
          if (!isAway) onContact(error);
          isAway = true;
          for (const { settle } of [...batch, ...queue]) settle();
          if (closing.aborted) return;
          await clock.sleep(retryMillis, closing).catch(() => {});
        }
      }
      if (isAway) onContact(null);
      isAway = false;
      for (const { settle } of batch) settle();
    }
    isSending = false;
  }

  /** Leaves out the oldest, and has the next one that stays say so. */
  function bound(): void {
    while (queue.length > waiting.messages || (queue.length > 1 && queuedBytes > waiting.bytes)) {
      queuedBytes -= queue.shift()!.message.length;
      lostMessages = true;
    }
    if (!lostMessages || queue[0] === undefined) return;
    queue[0].isAfterLoss = true;
    lostMessages = false;
  }

  return {
    publish(message) {
      return new Promise((resolve) => {
        queue.push({ message, isAfterLoss: false, settle: resolve });
        queuedBytes += message.length;
        bound();
        if (!isSending) {
          isSending = true;
          sending = send();
        }
        if (isAway || closing.aborted) resolve();
      });
    },
    settled: () => sending,
  };
}

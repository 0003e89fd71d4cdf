import { createRedisLiveBus } from './live-bus.ts';
import { liveKeys } from './live-stream.ts';
import type { RedisConnectionOptions } from './open.ts';

const stream = 'asof-doctor';

/** What `useStream` leaves. */
export function keysOfStream(publisher: string): readonly string[] {
  const keys = liveKeys(stream);
  return [keys.stream, keys.state, keys.publisher(publisher)];
}

const millis = 3_000;

/** Every command of the live bus, on a stream that nobody listens to. Rejects with why one was refused. */
export async function useStream(options: RedisConnectionOptions, publisher: string): Promise<void> {
  const done = new AbortController();
  let hear = (): void => {};
  let refuse: (error: unknown) => void = () => {};
  const heard = new Promise<void>((resolve, reject) => {
    hear = resolve;
    refuse = reject;
  });
  heard.catch(() => {});
  const onContact = (_what: string, lost: unknown): void => {
    if (lost !== null) refuse(lost);
  };
  await using bus = createRedisLiveBus({ ...options, stream, publisher, bufferSize: 1, events: { onContact } });
  const use = async (): Promise<void> => {
    await bus.subscribe(['datasetProgress'], { onEvent: hear, onGap() {} });
    // The second one puts the first out of the stream.
    for (const datasetId of ['doctor', 'doctor again']) await bus.publish({ kind: 'datasetProgress', datasetId });
  };
  options.clock.sleep(millis, done.signal).then(
    () => refuse(new Error(`a live message did not come back in ${millis} ms`)),
    () => {},
  );
  try {
    use().catch(refuse);
    await heard;
  } finally {
    done.abort();
  }
}

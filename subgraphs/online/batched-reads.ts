import type { OnlineReader, OnlineReadRequest } from '../../core/online/reader.ts';
import type { Instant } from '../../core/values/types.ts';

/** Reads of several requests that come together, as one. */
export interface BatchedReads<R> {
  /** Same length and order as the requests, all at one instant. Rejects where one of them cannot be read. */
  load(requests: readonly OnlineReadRequest[]): Promise<Readings<R>>;
}

interface Readings<R> {
  readonly readAt: Instant;
  readonly readings: readonly R[];
}

type Read<R> = (requests: readonly OnlineReadRequest[]) => Promise<Readings<R>>;

interface Batch<R> {
  readonly requests: OnlineReadRequest[];
  readonly values: Promise<Readings<R>>;
  send(): void;
}

/** What one read takes along, at most: a store answers a long one late for all who are in it. */
const mostRequests = 512;

/**
 * What is asked for while this process takes in what has arrived is read at once, with one `getMany`: nobody waits for
 * another request to come, and a busy server asks its store less often the busier it is.
 */
export function createBatchedReads<R>(read: Read<R>): BatchedReads<R> {
  let open: Batch<R> | null = null;

  function begin(): Batch<R> {
    const requests: OnlineReadRequest[] = [];
    let send = (): void => {};
    const sent = new Promise<void>((resolve) => {
      send = resolve;
    });
    const values = sent.then(() => read(requests));
    const batch = { requests, values, send };
    setImmediate(() => close(batch));
    return batch;
  }

  function close(batch: Batch<R>): void {
    if (open === batch) open = null;
    batch.send();
  }

  return {
    load(requests) {
      if (requests.length >= mostRequests) return read(requests);
      open ??= begin();
      const batch = open;
      const first = batch.requests.length;
      for (const request of requests) batch.requests.push(request);
      const end = batch.requests.length;
      if (end >= mostRequests) close(batch);
      const isAlone = () => first === 0 && end === batch.requests.length;
      return batch.values.then(
        (values) => (isAlone() ? values : { readAt: values.readAt, readings: values.readings.slice(first, end) }),
        // What cannot be read may be another's: nobody's answer depends on who came along.
        (error: unknown) => (isAlone() ? Promise.reject(error) : read(requests)),
      );
    },
  };
}

/** A reader whose reads of the present are batched, those with statuses among themselves and those without. */
export function batchedReader(reader: OnlineReader): Pick<OnlineReader, 'read' | 'readValues'> {
  const whole = createBatchedReads((requests) => reader.read(requests));
  const values = createBatchedReads((requests) => reader.readValues(requests));
  return {
    read: (requests, at) => (at === undefined ? whole.load(requests) : reader.read(requests, at)),
    readValues: (requests) => values.load(requests),
  };
}

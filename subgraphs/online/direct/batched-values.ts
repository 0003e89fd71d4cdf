import type { OnlineReader, OnlineReadRequest, OnlineValues } from '../../../core/online/reader.ts';

/** Reads of several requests that come together, as one. */
export interface BatchedValues {
  /** Same length and order as the requests, all at one instant. Rejects where one of them cannot be read. */
  load(requests: readonly OnlineReadRequest[]): Promise<OnlineValues>;
}

interface Batch {
  readonly requests: OnlineReadRequest[];
  readonly values: Promise<OnlineValues>;
  send(): void;
}

/** What one read takes along, at most: a store answers a long one late for all who are in it. */
const mostRequests = 512;

/**
 * What is asked for while this process takes in what has arrived is read at once, with one `getMany`: nobody waits for
 * another request to come, and a busy server asks its store less often the busier it is.
 */
export function createBatchedValues(reader: Pick<OnlineReader, 'readValues'>): BatchedValues {
  let open: Batch | null = null;

  function begin(): Batch {
    const requests: OnlineReadRequest[] = [];
    let send = (): void => {};
    const sent = new Promise<void>((resolve) => {
      send = resolve;
    });
    const values = sent.then(() => reader.readValues(requests));
    const batch = { requests, values, send };
    setImmediate(() => close(batch));
    return batch;
  }

  function close(batch: Batch): void {
    if (open === batch) open = null;
    batch.send();
  }

  return {
    load(requests) {
      if (requests.length >= mostRequests) return reader.readValues(requests);
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
        (error: unknown) => (isAlone() ? Promise.reject(error) : reader.readValues(requests)),
      );
    },
  };
}

import DataLoader from 'dataloader';
import type { ViewReading } from '../../core/definitions/compiled.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { OnlineReader, OnlineReadRequest } from '../../core/online/reader.ts';
import { loaderKey, type RequestContext } from '../../runtime/context.ts';

/** Collects what all resolvers of one wave ask for into one read of the store, at one instant. */
export interface RequestReads {
  /** UNAVAILABLE where the store did not answer for this key; the others are read all the same. */
  load(request: OnlineReadRequest): Promise<ViewReading>;
}

const readsOfRequest = loaderKey<RequestReads>('online reads');

/** The reads of this execution; all of its fields share them. */
export function requestReads(context: RequestContext, reader: OnlineReader): RequestReads {
  return context.loaders.of(readsOfRequest, () => createRequestReads(reader));
}

export function createRequestReads(reader: OnlineReader): RequestReads {
  // Without DataLoader's cache: a later wave of the same request must see one instant of its own, and the same view
  // of the same key may be asked for with other features.
  return new DataLoader<OnlineReadRequest, ViewReading>(
    async (requests) => (await reader.read(requests)).readings.map(readingOrError),
    { cache: false },
  );
}

/** A field of its own can carry an error, which no client takes for a missing value. */
function readingOrError(reading: ViewReading): ViewReading | AsofError {
  if (reading.status !== 'UNAVAILABLE') return reading;
  const remedy = 'Ask again: the other keys of the request are not affected.';
  return new AsofError('UNAVAILABLE', 'the online store did not answer for this key', { remedy });
}

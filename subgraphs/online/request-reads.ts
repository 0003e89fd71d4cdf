import DataLoader from 'dataloader';
import type { ViewReading } from '../../core/definitions/compiled.ts';
import type { OnlineReader, OnlineReadRequest } from '../../core/online/reader.ts';
import { loaderKey, type RequestContext } from '../../runtime/context.ts';

/** Collects what all resolvers of one wave ask for into one read of the store, at one instant. */
export interface RequestReads {
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
  return new DataLoader<OnlineReadRequest, ViewReading>(async (requests) => (await reader.read(requests)).readings, {
    cache: false,
  });
}

import type { ViewReading } from '../../core/definitions/compiled.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import { withoutStack } from '../../core/errors/without-stack.ts';
import type { OnlineReader, OnlineReadRequest } from '../../core/online/reader.ts';
import { loaderKey, type RequestContext } from '../../runtime/context.ts';
import { type Batched, batched } from '../../runtime/execution/batched.ts';
import type { Change } from './live/watch-table.ts';

/** Collects what all resolvers of one wave ask for into one read of the store, at one instant. */
export interface RequestReads {
  /** What was just read for others; null = it has to be loaded. */
  known(request: OnlineReadRequest): ViewReading | null;
  /** UNAVAILABLE where the store did not answer for this key; the others are read all the same. */
  load(request: OnlineReadRequest): Batched<ViewReading>;
}

const readsOfRequest = loaderKey<RequestReads>('online reads');

/** The reads of this execution; all of its fields share them. */
export function requestReads(context: RequestContext, reader: OnlineReader): RequestReads {
  return context.loaders.of(readsOfRequest, () => createRequestReads(reader));
}

/** @param change of a view of the one key that is read */
export function createRequestReads(reader: OnlineReader, change: Change | null = null): RequestReads {
  // Nothing is remembered: a later wave of the same request must see one instant of its own, and the same view of the same
  // key may be asked for with other features.
  let wave: { readonly requests: OnlineReadRequest[]; readonly readings: Promise<ReadWave> } | null = null;
  const begin = () => {
    const requests: OnlineReadRequest[] = [];
    const readings = afterResolvers().then(async () => {
      wave = null;
      return { readings: (await reader.read(requests)).readings };
    });
    return { requests, readings };
  };
  return {
    known: (request) => (change === null ? null : readingOf(change, request)),
    load(request) {
      wave ??= begin();
      const { requests, readings } = wave;
      const index = requests.push(request) - 1;
      return batched(readings, (read) => readingOrError(read.readings[index]!));
    },
  };
}

function readingOf({ watched, reading }: Change, request: OnlineReadRequest): ViewReading | null {
  const { view, features, maxAgeMillis = null } = request;
  const isSame = view.name === watched.view.name && view.version === watched.view.version;
  if (reading === null || !isSame || maxAgeMillis !== watched.maxAgeMillis) return null;
  if (features === undefined) return reading;
  const { values, statuses, defaulted } = reading;
  return {
    ...reading,
    values: features.map((index) => values[index]!),
    statuses: features.map((index) => statuses[index]!),
    defaulted: features.map((index) => defaulted[index]!),
  };
}

interface ReadWave {
  readonly readings: readonly ViewReading[];
}

/** When every resolver that can run without waiting for input has run. */
function afterResolvers(): Promise<void> {
  return Promise.resolve().then(() => new Promise((resolve) => process.nextTick(resolve)));
}

function readingOrError(reading: ViewReading): ViewReading {
  if (reading.status !== 'UNAVAILABLE') return reading;
  throw storeDidNotAnswer();
}

/** A field of its own can carry an error, which no client takes for a missing value. */
export function storeDidNotAnswer(): AsofError {
  const remedy = 'Ask again: the other keys of the request are not affected.';
  return withoutStack(() => new AsofError('UNAVAILABLE', 'the online store did not answer for this key', { remedy }));
}

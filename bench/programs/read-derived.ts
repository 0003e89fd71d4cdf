import { createMemoryOnlineStore } from '../../adapters/memory/online-store.ts';
import { evaluateOnDemand } from '../../core/on-demand/evaluate.ts';
import { createOnlineReader } from '../../core/online/reader.ts';
import type { Value } from '../../core/values/types.ts';
import { fillTiles, onlineView, present } from '../data/online.ts';
import { requestService, viewOf } from '../definitions.ts';
import { readRequest, startWatch } from './measured.ts';

/** Reads the twelve windowed features of one entity per request, and ten that are computed from them, or none. */
export interface ReadDerivedRequest {
  readonly computed: 'none' | 'derived' | 'request';
  readonly requests: number;
}

const { computed, requests } = readRequest<ReadDerivedRequest>();
const view = viewOf(computed === 'derived' ? 'derived_delays' : onlineView);
const store = createMemoryOnlineStore();
const key = ['A00000'];
// A few events in each window, so that what is computed from them is not lost in the noise of merging tiles.
const ages = [30_000, 1_200_000, 18_000_000, 259_200_000];
await fillTiles(
  store,
  view,
  key,
  ages.map((age) => present - age).toSorted((a, b) => a - b),
);
let now = present;
const reader = createOnlineReader({ store, clock: { readInstant: (newest) => Math.max(now, newest ?? 0) } });
const features = view.features.map((_, index) => index);

async function request(index: number): Promise<readonly Value[]> {
  // Window ends move on with the clock, as they do in life.
  now = present + index;
  const { readings } = await reader.read([{ view, key, features }]);
  if (computed !== 'request') return readings[0]!.values;
  const [onDemand] = evaluateOnDemand(requestService, readings, [index]);
  return [...readings[0]!.values, ...onDemand!.values];
}

for (let index = 0; index < 5_000; index++) await request(index);
const answer = await request(0);
const watch = startWatch();
for (let index = 0; index < requests; index++) await request(index);
watch.print({ answer: JSON.stringify(answer.slice(0, 12)), values: answer.length });

import { describe, expect, it } from 'vitest';
import { flightsJson } from '../../test/definitions/flights.ts';
import { createMapOnlineStore } from '../../test/doubles/map-online-store.ts';
import { recordOf } from '../../test/doubles/views.ts';
import { parseDefinitions } from '../definitions/parse.ts';
import { compileDefinitions } from '../registry/compile.ts';
import { minute } from '../time/windows.ts';
import { createOnlineReader } from './reader.ts';
import { markReady } from './ready.ts';
import { createSlicedWriter } from './sliced-writer.ts';
import { createOnlineWriter } from './writer.ts';

const origin = Date.UTC(2024, 1, 28, 23, 58, 0);
const clock = { now: () => origin + minute, readInstant: () => origin + minute };

function viewOf(input: object) {
  const json = flightsJson();
  json.views[0]!.features[2]!.aggregate = { function: 'max', input };
  const same = {
    name: 'same',
    version: 1,
    args: [{ name: 'x', type: { kind: 'int64' } }],
    returns: { kind: 'int64' },
    source: '({ x }) => x',
  };
  const engine = { prepare: () => (rows: readonly (readonly (number | null)[])[]) => rows.map(([x]) => x!) };
  const registry = compileDefinitions(parseDefinitions({ ...json, functions: [same] }), engine as never);
  return registry.views.get('origin_delays')![0]!;
}

const delay = { op: 'col', name: 'delayMinutes' };
const called = viewOf({ op: 'call', function: 'same', version: 1, args: [delay] });
const record = (key: string, offset: number) =>
  recordOf({ eventTime: origin + offset, offset, eventId: offset, values: [offset, key, offset] });
const groups = [
  { key: ['A'], records: Array.from({ length: 70 }, (_, index) => record('A', 2 * index)) },
  { key: ['B'], records: Array.from({ length: 5 }, (_, index) => record('B', 2 * index + 1)) },
];

async function applied(view: typeof called) {
  const store = createMapOnlineStore();
  await markReady(store, view);
  const sizes: number[] = [];
  let breaths = 0;
  const inner = createOnlineWriter({ store, clock });
  const writer = createSlicedWriter(
    {
      ...inner,
      apply(one, slice) {
        sizes.push(slice.reduce((sum, { records }) => sum + records.length, 0));
        return inner.apply(one, slice);
      },
    },
    {
      sleep: async () => {
        breaths++;
      },
    },
  );
  const batch = await writer.apply(view, groups);
  const again = await writer.apply(view, groups);
  const keys = ['A', 'B'].map((key) => ({ view, key: [key] }));
  const { readings } = await createOnlineReader({ store, clock }).read(keys);
  return { sizes, breaths, batch, again: again.counts, values: readings.map(({ values }) => values) };
}

describe('the sliced writer', () => {
  it('applies what calls user functions a few records at a time, with the same outcome', async () => {
    const sliced = await applied(called);
    expect(sliced.sizes).toEqual([32, 32, 11, 32, 32, 11]);
    expect(sliced.breaths).toBe(4);
    const whole = await applied(viewOf(delay));
    expect(whole.sizes).toEqual([75, 75]);
    expect(sliced.values).toEqual(whole.values);
    expect(sliced.batch.counts).toEqual(whole.batch.counts);
    expect(sliced.batch.newestEventTime).toBe(whole.batch.newestEventTime);
    expect(new Set(sliced.batch.changedKeys.flat())).toEqual(new Set(['A', 'B']));
    expect(sliced.again).toEqual(whole.again);
    expect(sliced.again.redelivered).toBe(75);
  });

  it('passes on what has no records', async () => {
    const writer = createSlicedWriter(createOnlineWriter({ store: createMapOnlineStore(), clock }), {
      sleep: () => Promise.reject(new Error('asleep')),
    });
    expect((await writer.apply(called, [])).keysWritten).toBe(0);
  });
});

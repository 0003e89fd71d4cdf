import { describe, expect, it } from 'vitest';
import type { SourceRecord } from '../definitions/compiled.ts';
import type { Definitions, FeatureViewDefinition } from '../definitions/model.ts';
import { compileDefinitions } from '../registry/compile.ts';
import { hour, minute } from '../time/windows.ts';
import type { Value } from '../values/types.ts';
import { type ExplainQuestion, explain } from './explain.ts';
import { withServed } from './served.ts';
import { findTarget } from './target.ts';
import { explanationText } from './text.ts';

const noon = Date.UTC(2024, 0, 1, 12);
const string = { kind: 'string' } as const;
const float = { kind: 'float64' } as const;

const definitions: Definitions = {
  asof: 1,
  entities: [{ name: 'user', key: [{ name: 'user', type: string }] }],
  sources: [
    {
      kind: 'rows',
      name: 'profiles',
      fields: [
        { name: 'user', type: string },
        { name: 'tier', type: string },
      ],
      eventTime: 'since',
      createdTime: 'created',
      deleted: 'gone',
    },
    {
      kind: 'events',
      name: 'rides',
      fields: [
        { name: 'user', type: string },
        { name: 'miles', type: float },
      ],
      eventTime: 'at',
      lateness: '1h',
      futureTolerance: '5m',
    },
  ],
  views: [
    view('profile', 'profiles', {
      features: [{ name: 'tier', kind: 'column', column: 'tier', default: 'basic' }],
      maxAge: '1h',
      retention: '1d',
    }),
    view('travel', 'rides', {
      features: [
        {
          name: 'miles_1h',
          kind: 'aggregate',
          aggregate: { function: 'sum', input: { op: 'col', name: 'miles' } },
          window: '1h',
        },
      ],
    }),
  ],
  onDemandViews: [],
  functions: [],
  services: [
    {
      name: 'model',
      version: 1,
      features: [{ view: 'profile', alias: 'driver', joinOn: { user: 'driver' }, maxAge: '10m' }],
    },
  ],
};

function view(
  name: string,
  source: string,
  rest: Pick<FeatureViewDefinition, 'features'> & Partial<FeatureViewDefinition>,
) {
  return { name, entity: 'user', source, key: { user: 'user' }, ...rest };
}

const registry = compileDefinitions(definitions);

function record(
  offset: number,
  minutesBeforeNoon: number,
  values: readonly Value[],
  more: Partial<SourceRecord> = {},
): SourceRecord {
  const eventTime = noon - minutesBeforeNoon * minute;
  return {
    origin: 'log',
    partition: 0,
    offset,
    eventTime,
    knownTime: eventTime,
    eventId: null,
    deleted: false,
    values,
    ...more,
  };
}

async function explained(feature: string, records: readonly SourceRecord[], question: Partial<ExplainQuestion> = {}) {
  const service = feature.startsWith('driver') ? 'model' : null;
  const target = findTarget(registry, { feature, service });
  const key = new Map(target.service.joinColumns.map(({ name }): [string, Value] => [name, 'a']));
  const whole = { key, request: new Map(), t: noon, knownAt: noon, mode: 'AS_SERVED' as const, limit: 6, ...question };
  return await explain(target, whole, async () => records);
}

describe('the explanation of a row', () => {
  const rows = [record(0, 30, ['a', 'gold']), record(1, 20, ['a', 'silver']), record(2, -20, ['a', 'none'])];

  it('names the winner, what it superseded, and what is still to come', async () => {
    const created = record(3, 5, ['a', 'black'], { knownTime: noon + minute });
    const { explanation } = await explained('profile.tier', [...rows, created]);
    expect(explanation).toMatchObject({
      value: 'silver',
      status: 'PRESENT',
      reason: 'the row of 2024-01-01T11:40:00.000Z wins',
      rows: [
        { outcome: 'winner', total: 1, records: [{ place: 'log/0/1', columns: { tier: 'silver' }, decisive: true }] },
        { outcome: 'superseded', total: 1, records: [{ place: 'log/0/0' }] },
        { outcome: 'notYetKnown', total: 1, records: [{ place: 'log/0/3' }] },
        { outcome: 'afterT', total: 1, records: [{ place: 'log/0/2' }] },
      ],
    });
  });

  it('says why there is none, and that the default stands in', async () => {
    const of = async (records: readonly SourceRecord[], t = noon) => {
      const { explanation } = await explained('profile.tier', records, { t, knownAt: t });
      return [explanation.status, explanation.value, explanation.defaulted, explanation.reason];
    };
    const stands = '; so the default stands in';
    expect(await of([])).toEqual([
      'NOT_FOUND',
      'basic',
      true,
      `no row of this key was valid and known by then${stands}`,
    ]);
    const gone = record(3, 10, ['a', 'gold'], { deleted: true });
    expect((await of([...rows, gone]))[3]).toBe(`the row that wins is a tombstone: the key was deleted${stands}`);
    expect(await of(rows, noon + 90 * minute)).toEqual([
      'EXPIRED',
      'basic',
      true,
      `the row that wins is 1h10m old, more than the maxAge of 1h${stands}`,
    ]);
    expect((await of(rows, noon + 25 * hour))[3]).toContain('past the retention of 1d');
    expect(await of([record(0, 1, ['a', null])])).toEqual([
      'NULL',
      'basic',
      true,
      `the row of 2024-01-01T11:59:00.000Z wins, and its column is NULL${stands}`,
    ]);
  });

  it('holds a service to its own maxAge, alias and join column', async () => {
    const { explanation } = await explained('driver.tier', rows);
    expect(explanation).toMatchObject({
      feature: 'driver.tier',
      status: 'EXPIRED',
      question: { key: { driver: 'a' } },
    });
  });

  it('finds nothing for a key with a NULL part', async () => {
    const { explanation } = await explained('profile.tier', [], { key: new Map([['user', null]]) });
    expect(explanation.reason).toContain('a part of the key is NULL');
  });
});

describe('the comparison with what a store serves', () => {
  const rides = [record(0, 30, ['a', 0.1]), record(1, 20, ['a', 0.2]), record(2, 10, ['a', 0.3])];
  const answer = { store: 'online', type: float, status: 'PRESENT', defaulted: false } as const;

  it('allows for the rounding of sums of doubles, and for no more', async () => {
    const found = await explained('travel.miles_1h', rides);
    const agrees = (value: number) => withServed(found, [{ ...answer, value }]).served[0]!.agrees;
    expect(found.value).toBe(0.1 + 0.2 + 0.3);
    expect(agrees(0.3 + 0.2 + 0.1)).toBe(true);
    expect(agrees(0.6 + 1e-14)).toBe(false);
  });

  it('says a difference before everything else', async () => {
    const found = await explained('travel.miles_1h', rides);
    const text = explanationText(withServed(found, [{ ...answer, value: 41 }]));
    expect(text.split('\n').slice(2, 5)).toEqual([
      '',
      '!! online serves 41 PRESENT, but its records account for 0.6000000000000001 PRESENT.',
      expect.stringMatching(/^!! This is a fault/),
    ]);
  });
});

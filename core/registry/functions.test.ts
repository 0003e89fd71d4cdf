import { describe, expect, it } from 'vitest';
import { flightsJson } from '../../test/definitions/flights.ts';
import { parseDefinitions } from '../definitions/parse.ts';
import type { RegistrySnapshot } from '../ports/registry-store.ts';
import type { UserFunctions } from '../ports/user-functions.ts';
import { compileDefinitions, compileRegistry } from './compile.ts';
import { planChange } from './plan.ts';
import { applyChange } from './snapshot.ts';

const empty: RegistrySnapshot = { revision: 0, versions: [], retired: [] };
const now = '2026-11-23T00:00:00.000Z';
/** Gives the version of the function for every row. */
const engine: UserFunctions = {
  prepare:
    ({ version }) =>
    (rows) =>
      rows.map(() => version),
};

function defined(versions: readonly { version: number; source: string }[], called: number) {
  const json = flightsJson();
  const delay = { op: 'col', name: 'delayMinutes' };
  const input = { op: 'call', function: 'worst', version: called, args: [delay] };
  json.views[0]!.features[2]!.aggregate = { function: 'max', input };
  const functions = versions.map((one) => ({
    name: 'worst',
    args: [{ name: 'delay', type: { kind: 'int64' } }],
    returns: { kind: 'int64' },
    ...one,
  }));
  return parseDefinitions({ ...json, functions });
}

const first = defined([{ version: 1, source: '({ delay }) => delay' }], 1);
const applied = applyChange(empty, planChange(empty, first, now, engine).change);
const changesTo = (after: ReturnType<typeof defined>) =>
  planChange(applied, after, now, engine).changes.map(({ action, kind, name, version, reasons }) => {
    return `${action} ${kind} ${name} ${version}: ${reasons.join('; ')}`;
  });

describe('functions in the registry', () => {
  it('are registered before what calls them', () => {
    expect(planChange(empty, first, now, engine).changes[0]).toMatchObject({ kind: 'function', name: 'worst' });
    expect(changesTo(first)).toEqual([]);
  });

  it('never change under their version', () => {
    const other = defined([{ version: 1, source: '({ delay }) => -delay' }], 1);
    expect(() => changesTo(other)).toThrow(
      /functions\.worst\.version: version 1 is registered otherwise: the source changed.*set version: 2/,
    );
  });

  it('make a new version of the view that calls another of theirs', () => {
    const second = defined([{ version: 2, source: '({ delay }) => -delay' }], 2);
    expect(changesTo(second)).toEqual([
      'newVersion function worst 2: the source changed',
      'newVersion view origin_delays 2: worst_delay_24h changed from max(worst@1(delayMinutes)) to max(worst@2(delayMinutes))',
    ]);
    const both = applyChange(applied, planChange(applied, second, now, engine).change);
    const [old, newest] = compileRegistry(both, engine).views.get('origin_delays')!;
    const input = (view: typeof old) => view!.accumulators[2]!.input!.evaluate([1, 'ATL', 5]);
    expect([input(old), input(newest)]).toEqual([1, 2]);
  });

  it('are refused where no engine is', () => {
    expect(() => compileDefinitions(first)).toThrow(/no engine for the function worst/);
  });

  it('that cannot be prepared are refused, though nothing calls them', () => {
    const refusing: UserFunctions = {
      prepare: ({ name }) => {
        throw new Error(`${name} is impure`);
      },
    };
    expect(() => planChange(empty, first, now, refusing)).toThrow(/worst is impure/);
  });
});

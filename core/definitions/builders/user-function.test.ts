import { describe, expect, it } from 'vitest';
import {
  col,
  countRows,
  entity,
  eventSource,
  featureView,
  lit,
  onDemandView,
  request,
  sum,
  t,
  userFunction,
} from '../../index.ts';
import { collectDefinitions } from '../collect.ts';
import { parseDefinitions } from '../parse.ts';

const user = entity('user', { key: { id: t.int64 } });
const clicks = eventSource('clicks', { fields: { id: t.int64, title: t.string, at: t.timestamp }, eventTime: 'at' });
const titleLength = userFunction('title_length', {
  version: 3,
  args: { title: t.string },
  returns: t.int64,
  implementation: ({ title }) => title.length,
});
describe('userFunction', () => {
  it('comes along with what calls it, also inside of calls', () => {
    const isLong = userFunction('is_long', {
      version: 1,
      args: { length: t.int64, least: t.int64 },
      returns: t.bool,
      implementation: ({ length, least }) => length >= least,
    });
    const v = featureView('v', {
      entity: user,
      source: clicks,
      key: { id: 'id' },
      features: {
        long_ones: countRows()
          .where(isLong({ length: titleLength({ title: col('title') }), least: 5 }))
          .over('1h'),
      },
    });
    const { functions, views } = collectDefinitions({ v });
    expect(functions.map(({ name, version }) => `${name} ${version}`)).toEqual(['is_long 1', 'title_length 3']);
    expect(functions[1]!.source).toMatch(/title\.length/);
    expect(views[0]!.features[0]).toMatchObject({
      aggregate: {
        where: {
          op: 'call',
          function: 'is_long',
          version: 1,
          args: [
            { op: 'call', function: 'title_length', version: 3, args: [{ op: 'col', name: 'title' }] },
            { op: 'lit', type: { kind: 'int64' }, value: 5 },
          ],
        },
      },
    });
    const definitions = collectDefinitions({ v });
    expect(parseDefinitions(JSON.parse(JSON.stringify(definitions)))).toEqual(definitions);
  });

  it('is collected when it is exported alone', () => {
    expect(collectDefinitions({ titleLength }).functions).toMatchObject([{ name: 'title_length', version: 3 }]);
  });

  it('gives constants the type of their argument', () => {
    const scaled = userFunction('scaled', {
      version: 1,
      args: { x: t.float64, by: t.decimal(5, 2) },
      returns: t.float64,
      implementation: ({ x, by }) => x * Number(by),
    });
    expect(scaled({ x: 2, by: '1.50' }).tree).toMatchObject({
      args: [
        { type: { kind: 'float64' }, value: 2 },
        { type: { kind: 'decimal', precision: 5, scale: 2 }, value: '1.50' },
      ],
    });
  });

  it('refuses wrong types as they are written', () => {
    const wrongColumn = { x: sum(titleLength({ title: col('id') })).over('1h') };
    // @ts-expect-error a column of another type
    featureView('v', { entity: user, source: clicks, key: { id: 'id' }, features: wrongColumn });
    // @ts-expect-error a constant of another type
    titleLength({ title: 1 });
    // @ts-expect-error an operand of another type
    titleLength({ title: lit(1) });
    // @ts-expect-error no such argument
    expect(() => titleLength({ text: col('title') })).toThrow('got one with text. Write title_length({ title: … }).');
    const options = { version: 1, args: { n: t.int64 } } as const;
    // @ts-expect-error int64 is a bigint
    userFunction('f', { ...options, returns: t.int64, implementation: ({ n }) => n + 1 });
    // @ts-expect-error another result than declared
    userFunction('f', { ...options, returns: t.string, implementation: ({ n }) => n });
    // @ts-expect-error NULL must be thought of where it is asked for
    userFunction('f', { ...options, returns: t.string, onNull: 'call', implementation: ({ n }) => n.toString() });
    onDemandView('now', { request: { title: t.string }, features: { n: titleLength({ title: request('title') }) } });
  });

  it('keeps methods as functions, and refuses what has no source text', () => {
    const method = userFunction('method', {
      version: 1,
      args: { n: t.int64 },
      returns: t.int64,
      implementation({ n }) {
        return n;
      },
    });
    expect(collectDefinitions({ method }).functions[0]!.source).toMatch(/^function implementation\(/);
    const bound = (({ n }: { n: bigint }) => n).bind(null);
    expect(() =>
      userFunction('native', { version: 1, args: { n: t.int64 }, returns: t.int64, implementation: bound }),
    ).toThrow(/functions\.native\.implementation: has no source text.*native or bound/);
  });
});

import { describe, expect, it } from 'vitest';
import {
  avg,
  col,
  countDistinct,
  countRows,
  entity,
  eventSource,
  featureService,
  featureView,
  onDemandView,
  ratio,
  sum,
  t,
  topK,
  userFunction,
  when,
} from '../../index.ts';

const user = entity('user', { key: { id: t.int64 } });
const clicks = eventSource('clicks', { fields: { id: t.int64, price: t.int64 }, eventTime: 'at' });
const features = { n: countRows().over('1h') };
const view = featureView('v', { entity: user, source: clicks, key: { id: 'id' }, features });

const shout = userFunction('shout', {
  version: 1,
  args: { name: t.string, times: t.int64 },
  returns: t.string,
  implementation: ({ name, times }) => name.repeat(Number(times)),
});

/** As definitions that nobody compiled may give it. */
const uncompiled = (given: unknown): never => given as never;

describe('what no builder can use is refused with what to write instead', () => {
  it.each<[string, () => unknown, string]>([
    [
      'where',
      () => countRows().where(uncompiled('price > 5')),
      "where(…): is no expression; expected one, as col('delay",
    ],
    ['where a bool', () => countRows().where(uncompiled(true)), 'got true. Write it with col(…)'],
    ['by', () => countRows().by(uncompiled(7)), 'by(…): is no expression'],
    ['no input', () => avg(uncompiled(undefined)), 'avg(…): is no expression; expected one'],
    ['a list of inputs', () => topK(uncompiled(['price']), 3), 'topK(…): is no expression'],
    ['a number as input', () => countDistinct(uncompiled(3)), 'countDistinct(…): is no expression'],
    ['when', () => when(uncompiled('price > 5'), 1), 'when(…): is no expression'],
    ['a second when', () => when(col('a').isNull(), 1).when(uncompiled(null), 2), 'when(…): is no expression'],
    [
      'no operand',
      () => col('price').gt(uncompiled(undefined)),
      'is no operand; expected another expression, or a constant',
    ],
    ['NULL', () => col('price').eq(uncompiled(null)), 'got null. Ask for NULL with isNull()'],
    ['an aggregate as operand', () => col('price').gt(uncompiled(sum('price'))), 'is no operand'],
    [
      'a share of windows',
      () => ratio(uncompiled(features.n), countRows()),
      'ratio(…), its numerator: is no aggregate',
    ],
    [
      'a share of nothing',
      () => ratio(countRows(), uncompiled(undefined)),
      'ratio(…), its denominator: is no aggregate',
    ],
    [
      'a function without an argument',
      () => shout(uncompiled({ name: col('a') })),
      'shout(…): is called with other arguments than it declares; expected one object with name, times; got one with name',
    ],
    ['a function with one too many', () => shout(uncompiled({ name: 'a', times: 1, loud: true })), 'name, times, loud'],
    [
      'a function with arguments in a row',
      () => shout(uncompiled('a')),
      'got "a". Write shout({ name: …, times: … }).',
    ],
    [
      'the name of an entity',
      () => featureView('v', { entity: uncompiled('user'), source: clicks, key: {}, features }),
      'views.v.entity: is no entity; expected what entity returned; got "user"',
    ],
    [
      'the name of a source',
      () => featureView('v', { source: uncompiled('clicks'), features }),
      'views.v.source: is no source; expected what eventSource or rowSource returned; got "clicks"',
    ],
    [
      'an entity as source',
      () => featureView('v', { source: uncompiled(user), features }),
      'views.v.source: is no source; expected what eventSource or rowSource returned; got the entity "user"',
    ],
    [
      'the name of a view to read',
      () => onDemandView('o', { from: uncompiled(['v']), features: {} }),
      'onDemandViews.o.from[0]: is no view; expected what featureView returned; got "v"',
    ],
    [
      'the name of a view to serve',
      () => featureService('s', { version: 1, features: [view, uncompiled('v')] }),
      'services.s.features[1]: is no view or on-demand view; expected what featureView or onDemandView returned',
    ],
  ])('%s', (_, define, message) => {
    expect(define).toThrow(
      expect.objectContaining({ code: 'BAD_DEFINITION', message: expect.stringContaining(message) }),
    );
  });
});

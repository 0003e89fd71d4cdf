import { beforeEach, describe, expect, it } from 'vitest';
import {
  countRows,
  entity,
  eventSource,
  feature,
  featureService,
  featureView,
  onDemandView,
  request,
  sum,
  t,
} from '../../core/index.ts';
import { createOnlineWorld, noon, type OnlineWorld } from '../../test/online/online-world.ts';

const shop = entity('shop', { key: { shop: t.string } });
const sales = eventSource('sales', {
  fields: { shop: t.string, amount: t.decimal(10, 2) },
  eventTime: 'soldAt',
});
const turnover = featureView('turnover', {
  entity: shop,
  source: sales,
  key: { shop: 'shop' },
  features: {
    sold_1h: countRows().over('1h'),
    amount_1h: sum('amount').over('1h').default('0.00'),
    is_idle: feature('sold_1h').eq(0),
    doubled: feature('amount_1h').mul(2),
  },
});

const types = {
  small: t.int32,
  large: t.int64,
  share: t.float64,
  name: t.string,
  flag: t.bool,
  at: t.timestamp,
  price: t.decimal(6, 2),
  point: t.vector(2),
  tags: t.list(t.string),
  prices: t.list(t.decimal(6, 2)),
};
const echo = onDemandView('echo', {
  request: types,
  from: [turnover],
  features: {
    small: request('small'),
    large: request('large'),
    share: request('share'),
    name: request('name'),
    flag: request('flag'),
    at: request('at'),
    price: request('price'),
    point: request('point'),
    tags: request('tags'),
    prices: request('prices'),
    is_idle: turnover.feature('is_idle'),
  },
});
const summary = onDemandView('summary', {
  from: [turnover],
  features: { is_busy: turnover.feature('is_idle').not(), per_sale: turnover.feature('doubled') },
});
const model = featureService('model', { version: 1, features: [turnover, echo] });

let world: OnlineWorld;
beforeEach(async () => {
  world = await createOnlineWorld({ definitions: { shop, sales, turnover, echo, summary, model } });
  const soldAt = new Date(noon - 60_000).toISOString();
  await world.apply('sales', [{ shop: 'a', amount: '1.50', soldAt }]);
  await world.clock.advance(1_000);
});

const given = {
  small: 7,
  large: '9007199254740993',
  share: 0.5,
  name: 'x',
  flag: true,
  at: '2001-06-01T12:00:00+02:00',
  price: '12.5',
  point: [1, 2.5],
  tags: ['p', 'q'],
  prices: ['1', '2.25'],
};
const told = {
  ...given,
  at: '2001-06-01T10:00:00.000Z',
  price: '12.50',
  prices: ['1.00', '2.25'],
};
const fields = Object.keys(given).join(' ');
const variables =
  '$small: Int!, $large: Int64!, $share: Float!, $name: String!, $flag: Boolean!, $at: DateTime!, $price: Decimal!, ' +
  '$point: [Float!]!, $tags: [String!]!, $prices: [Decimal!]!';
const args = Object.keys(given)
  .map((name) => `${name}: $${name}`)
  .join(', ');
const typed = `query (${variables}) { shop(shop: "a") { echo(${args}) { ${fields} isIdle } } }`;

async function messageOf(text: string, values?: object): Promise<string> {
  const { errors } = await world.query(text, values as Record<string, unknown>);
  return errors?.map(({ message }) => message).join('\n') ?? 'no error';
}

describe('request inputs', () => {
  it('are arguments of their own types in the typed graph', async () => {
    expect(await world.data(typed, given)).toEqual({ shop: { echo: { ...told, isIdle: false } } });
  });

  it.each<[string, object, RegExp]>([
    ['small', { small: 'x' }, /\$small.*Int cannot represent/],
    ['large', { large: 1.5 }, /\$large/],
    ['at', { at: 'soon' }, /\$at/],
    ['price', { price: 'much' }, /\$price/],
    ['tags', { tags: ['p', null] }, /\$tags.*at "tags\[1\]"|non-nullable/],
    ['a missing one', { flag: undefined }, /\$flag.*"Boolean!"/],
    ['a null one', { share: null }, /\$share.*"Float!"/],
    [
      'a vector of another length',
      { point: [1] },
      /echo\.point: the request input "point" of echo is not.*vector\(2\)/,
    ],
    ['too many digits', { price: '12345.00' }, /echo\.price: the request input "price" of echo .*decimal\(6,2\)/],
  ])('are refused by name in the typed graph: %s', async (_, change, message) => {
    expect(await messageOf(typed, { ...given, ...change })).toMatch(message);
  });

  it('are refused by name where the argument is left out', async () => {
    await expect(world.query('{ shop(shop: "a") { echo(small: 1) { small } } }')).rejects.toThrow(
      /argument "large" of type "Int64!" is required/,
    );
  });

  it.each<[string, string, RegExp]>([
    ['a literal', 'large: "x"', /^large: Int64: expected an integer of 64 bits; got "x"$/],
    ['a literal in a list', 'prices: ["1", "x"]', /^prices: Decimal: expected a decimal as text.*got "x"$/],
    ['an instant', 'at: 1.5', /^at: DateTime: expected RFC 3339 text/],
  ])('are refused by name where they stand in the document: %s', async (_, written, message) => {
    const own = Object.entries({ ...given, price: '12.5' }).map(([name, value]) =>
      written.startsWith(`${name}:`) ? written : `${name}: ${JSON.stringify(value)}`,
    );
    const asked = world.query(`{ shop(shop: "a") { echo(${own.join(', ')}) { small } } }`);
    await expect(asked).rejects.toThrow(message);
  });

  const vectors =
    'query ($request: JSON) { featureVectors(service: "model", keys: {shop: "a"}, request: $request) { names values } }';

  it('are columns of featureVectors, where null says that one is not known', async () => {
    const data = await world.data(vectors, { request: { ...given, tags: null } });
    const { names, values } = data.featureVectors as unknown as { names: string[]; values: unknown[][] };
    const answer = Object.fromEntries(names.map((name, column) => [name, values[column]![0]]));
    expect(answer).toMatchObject({ 'echo.price': '12.50', 'echo.point': [1, 2.5], 'echo.tags': null });
    expect(answer).toMatchObject({ 'echo.large': '9007199254740993', 'echo.at': told.at, 'turnover.doubled': '3.00' });
  });

  it.each<[object, RegExp]>([
    [
      { flag: undefined },
      /request\.flag: the request input "flag" of echo of model version 1 is missing; expected bool/,
    ],
    [{ small: 2 ** 40 }, /request\.small: the request input "small" of echo of model version 1 .*expected int32/],
    [{ point: [1, 2, 3] }, /request\.point: .*expected vector\(2\); got a list of 3\. Send as many elements/],
    [{ prices: ['1', 'x'] }, /request\.prices\[1\]: .*expected decimal\(6,2\); got "x"/],
    [{ at: 'soon' }, /request\.at: the request input "at" of echo of model version 1/],
    [{ flg: true }, /request\.flg: there is no column of model version 1 'flg'.*Did you mean 'flag'/],
  ])('are refused by name in featureVectors: %j', async (change, message) => {
    expect(await messageOf(vectors, { request: { ...given, ...change } })).toMatch(message);
  });
});

describe('derived features in the typed graph', () => {
  it('come with what they are derived from, defaulted as that is', async () => {
    const { shops } = await world.data(`{
      shops(shop: ["a", "b"]) {
        turnover { doubled isIdle meta { cells { name status defaulted } } }
        summary { isBusy perSale }
      }
    }`);
    expect(shops).toMatchObject([
      { turnover: { doubled: '3.00', isIdle: false }, summary: { isBusy: true, perSale: '3.00' } },
      { turnover: { doubled: '0.00', isIdle: true }, summary: { isBusy: false, perSale: '0.00' } },
    ]);
    const [, idle] = shops as unknown as { turnover: { meta: { cells: unknown[] } } }[];
    expect(idle!.turnover.meta.cells).toEqual([
      { name: 'sold_1h', status: 'PRESENT', defaulted: false },
      { name: 'amount_1h', status: 'NULL', defaulted: true },
      { name: 'is_idle', status: 'PRESENT', defaulted: false },
      { name: 'doubled', status: 'PRESENT', defaulted: true },
    ]);
  });

  it('can be asked for alone', async () => {
    const data = await world.data('{ shop(shop: "a") { turnover { doubled } } }');
    expect(data.shop).toEqual({ turnover: { doubled: '3.00' } });
  });
});

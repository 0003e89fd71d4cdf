import { expect, it } from 'vitest';
import { collectDefinitions } from '../../core/definitions/collect.ts';
import {
  col,
  countRows,
  entity,
  eventSource,
  featureView,
  fn,
  lastN,
  onDemandView,
  push,
  request,
  sum,
  t,
} from '../../core/index.ts';
import { expressionsText, plannedExpressions } from './plan-expressions.ts';

const user = entity('user', { key: { id: t.string } });
const purchases = eventSource('purchases', {
  fields: { id: t.int64, user: t.string, amount: t.float64, shop: t.string },
  eventTime: 'at',
  eventId: 'id',
  stream: push(),
});
const spending = featureView('spending', {
  entity: user,
  source: purchases,
  key: { id: 'user' },
  features: {
    large_1h: countRows().where(col('amount').gt(100)).over('1h'),
    size_1h: sum(fn.log1p(col('amount'))).over('1h'),
    shops_1h: lastN(fn.lower(col('shop')), 3).over('1h'),
    total_1h: sum('amount').over('1h'),
  },
});
const now = onDemandView('now', {
  request: { name: t.string, amount: t.float64 },
  from: [spending],
  features: {
    shop: fn.lower(request('name')),
    share: fn.sqrt(fn.log1p(request('amount'))).div(spending.feature('total_1h')),
  },
});

const expected = `Offline these run in SQL, but for what is told beneath them:
    spending.large_1h where: amount > 100
    spending.size_1h input: log1p(amount)
        function: log1p(amount)
    spending.shops_1h input: lower(shop)
        function: lower(shop)
    now.shop: lower(request.name)
        function on some rows: lower(request.name)
    now.share: sqrt(log1p(request.amount)) / spending.total_1h
        function: log1p(request.amount)`;

it('tells which parts of expressions run as functions offline', async () => {
  const definitions = collectDefinitions({ user, purchases, spending, now });
  expect(expressionsText(await plannedExpressions(definitions))).toBe(expected);
});

it('says so where a file does not define what it refers to', async () => {
  const definitions = { ...collectDefinitions({ user, purchases, spending, now }), sources: [] };
  expect(expressionsText(await plannedExpressions(definitions))).toMatch(
    /^How expressions are computed .* all they refer to/,
  );
});

it('says so where there are none', async () => {
  expect(expressionsText(await plannedExpressions(collectDefinitions({ user })))).toMatch(/^There are no expressions/);
});

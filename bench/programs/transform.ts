import { DuckDBInstance } from '@duckdb/node-api';
import { openSession } from '../../adapters/duckdb/engine.ts';
import { createExpressionCompiler } from '../../adapters/duckdb/expression-function.ts';
import { compileExpression } from '../../core/expressions/compile.ts';
import { col, fn, lit, t } from '../../core/index.ts';
import { quoted } from '../data/duckdb.ts';
import { cities } from '../data/orders.ts';
import { readRequest, startWatch } from './measured.ts';

/** Expressions of the kinds that features are made of, from table to table, by what datasets compute them with. */
export interface TransformRequest {
  readonly input: string;
  readonly output: string;
  readonly features: readonly string[];
  readonly threads: number;
  readonly memoryLimit: string;
}

const columns = [
  { name: 'amount', type: t.decimal(10, 2) },
  { name: 'discount', type: t.decimal(10, 2) },
  { name: 'quantity', type: t.int64 },
  { name: 'price', type: t.float64 },
  { name: 'shop', type: t.string },
  { name: 'city', type: t.string },
  { name: 'ordered_at', type: t.timestamp },
];

const shop = fn.lower(col('shop'));
const expressions = {
  net: col('amount').sub(col('discount').coalesce(lit('0.00', t.decimal(10, 2)))),
  revenue: col('price').mul(fn.toFloat64(col('quantity'))),
  items: fn.clip(col('quantity'), 1, 100),
  size: fn.bucketize(col('quantity'), [1, 2, 5, 10, 50]),
  place: fn.ordinal(col('city'), cities),
  shop,
  hour: fn.hour(col('ordered_at')),
  log_price: fn.log1p(col('price')),
  weekend: fn.isWeekend(col('ordered_at'), 'America/New_York'),
  pair: fn.hashBucket(fn.cross(shop, col('city')), 1_000),
};

const { input, output, features, threads, memoryLimit } = readRequest<TransformRequest>();
const instance = await DuckDBInstance.create(':memory:', { threads: String(threads), memory_limit: memoryLimit });
const session = await openSession(instance);
const compiler = createExpressionCompiler(session.connection);
const computed = features.map((name) => {
  const { tree } = expressions[name as keyof typeof expressions];
  return `${compiler.toSql(compileExpression(tree, columns, name), columns)} AS ${name}`;
});
await session.run(`CREATE TEMP TABLE orders AS FROM read_parquet(${quoted(input)})`);
const watch = startWatch();
await session.run(`CREATE TEMP TABLE computed AS SELECT id, ${computed.join(', ')} FROM orders`);
watch.print();
await session.run(`COPY computed TO ${quoted(output)} (FORMAT parquet)`);
session.close();
instance.closeSync();

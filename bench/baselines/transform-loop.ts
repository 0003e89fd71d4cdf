import { createHash } from 'node:crypto';
import {
  BIGINT,
  BOOLEAN,
  DECIMAL,
  DOUBLE,
  DuckDBDataChunk,
  DuckDBDecimalValue,
  DuckDBInstance,
  type DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  VARCHAR,
} from '@duckdb/node-api';
import { quoted, type SqlRequest } from './duckdb.ts';

/* What a user of Node would write: a loop over the rows of a table, each feature computed in JavaScript. */
interface Request extends SqlRequest {
  readonly input: string;
  readonly output: string;
  readonly features: readonly string[];
  readonly cities: readonly string[];
}

const { input, output, features, cities, threads, memoryLimit, spillFolder } = JSON.parse(process.argv[2]!) as Request;
const edges = [1n, 2n, 5n, 10n, 50n];
const places = new Map(cities.map((city, index) => [city, BigInt(index)]));
const weekday = new Intl.DateTimeFormat('en-US', { timeZone: 'America/New_York', weekday: 'short' });

interface Order {
  readonly amount: DuckDBDecimalValue;
  readonly discount: DuckDBDecimalValue | null;
  readonly quantity: bigint;
  readonly price: number | null;
  readonly shop: string;
  readonly city: string;
  readonly orderedAt: DuckDBTimestampValue;
}

const millisOf = ({ orderedAt }: Order) => Number(orderedAt.micros / 1000n);
const known: Record<string, { readonly type: DuckDBType; readonly of: (order: Order) => DuckDBValue }> = {
  net: {
    type: DECIMAL(11, 2),
    of: ({ amount, discount }) => new DuckDBDecimalValue(amount.value - (discount?.value ?? 0n), 11, 2),
  },
  revenue: { type: DOUBLE, of: ({ price, quantity }) => (price === null ? null : price * Number(quantity)) },
  items: { type: BIGINT, of: ({ quantity }) => (quantity < 1n ? 1n : quantity > 100n ? 100n : quantity) },
  size: { type: BIGINT, of: ({ quantity }) => BigInt(edges.filter((edge) => edge <= quantity).length) },
  place: { type: BIGINT, of: ({ city }) => places.get(city) ?? null },
  shop: { type: VARCHAR, of: ({ shop }) => shop.toLowerCase() },
  hour: { type: BIGINT, of: (order) => BigInt(new Date(millisOf(order)).getUTCHours()) },
  log_price: { type: DOUBLE, of: ({ price }) => (price === null ? null : Math.log1p(price)) },
  weekend: { type: BOOLEAN, of: (order) => weekday.format(millisOf(order)).startsWith('S') },
  pair: {
    type: BIGINT,
    of: ({ shop, city }) =>
      createHash('md5').update(`${shop.toLowerCase()}|${city}`).digest().readBigUInt64BE() % 1_000n,
  },
};
const chosen = features.map((name) => ({ name, ...known[name]! }));

function computedRow([id, amount, discount, quantity, price, shop, city, orderedAt]: DuckDBValue[]): DuckDBValue[] {
  const order = { amount, discount, quantity, price, shop, city, orderedAt } as unknown as Order;
  return [id!, ...chosen.map(({ of }) => of(order))];
}

const instance = await DuckDBInstance.create(':memory:', {
  memory_limit: memoryLimit,
  threads: String(threads),
  temp_directory: spillFolder,
});
const connection = await instance.connect();
// The appender flushes now and then, which would end a stream of its own connection.
const writing = await instance.connect();
await connection.run(`CREATE TABLE orders AS FROM read_parquet(${quoted(input)})`);
const startedAt = performance.now();
const cpuBefore = process.cpuUsage();
const columns = [{ name: 'id', type: BIGINT as DuckDBType }, ...chosen];
await connection.run(`CREATE TABLE computed (${columns.map(({ name, type }) => `${name} ${type}`).join(', ')})`);
const appender = await writing.createAppender('computed');
const types = columns.map(({ type }) => type);
const stream = await connection.stream(
  'SELECT id, amount, discount, quantity, price, shop, city, ordered_at FROM orders',
);
for (let chunk = await stream.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await stream.fetchChunk()) {
  const computed = DuckDBDataChunk.create(types);
  computed.setRows(chunk.getRows().map(computedRow));
  appender.appendDataChunk(computed);
}
appender.closeSync();
const seconds = (performance.now() - startedAt) / 1_000;
const { user, system } = process.cpuUsage(cpuBefore);
const peakRssBytes = process.resourceUsage().maxRSS * 1024;
process.stdout.write(JSON.stringify({ seconds, cpuSeconds: (user + system) / 1e6, peakRssBytes }));
await connection.run(`COPY computed TO ${quoted(output)} (FORMAT parquet)`);
writing.closeSync();
connection.closeSync();
instance.closeSync();

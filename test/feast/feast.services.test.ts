import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AsofProcess, startServe, waitFor } from '../e2e/asof-process.ts';
import { blocksOf } from '../e2e/docs.ts';
import { describeWithService } from '../services/find-program.ts';
import { python } from '../services/python-package.ts';
import { type FeastAnswer, type FeastClient, openFeast } from './feast-client.ts';

const page = 'docs/migrating-from-feast.md';
const reader = readFileSync('test/feast/read.py', 'utf8');

interface Question {
  readonly features?: readonly string[];
  readonly service?: string;
  /** One by one, or as columns. */
  readonly rows: readonly Readonly<Record<string, unknown>>[] | Readonly<Record<string, readonly unknown[]>>;
}

describeWithService("Feast's own client", python, () => {
  let folder: string;
  let repository: string;
  let feast: FeastClient;
  let asof: AsofProcess;

  /** Reads through Feast, whose online store is Asof. */
  const read = async (...questions: readonly Question[]): Promise<FeastAnswer[]> => {
    const input = questions.map((question) => JSON.stringify(question)).join('\n');
    const answers = await feast.python(reader, repository, input);
    return answers
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as FeastAnswer);
  };
  const here = (text: string): string => text.replaceAll('http://localhost:4000', asof.url);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'asof-feast-'));
    feast = openFeast(folder);
    await feast.shell('feast init quick', folder);
    repository = join(folder, 'quick', 'feature_repo');
    cpSync('test/feast/types_repo.py', join(repository, 'types_repo.py'));
    const [bringOver, serve] = blocksOf(page, 'sh');
    for (const line of bringOver!.trim().split('\n')) await feast.shell(line, repository);
    expect(serve!.trim()).toBe('asof serve --definitions asof.json');
    asof = await startServe(join(repository, 'asof.json'), join(folder, 'data'));
    await asof.ready(60_000);
    const [settings] = blocksOf(page, 'yaml');
    const file = join(repository, 'feature_store.yaml');
    const before = readFileSync(file, 'utf8').replace(/^online_store:\n(?: .*\n)+/m, '');
    writeFileSync(file, `${before}\n${here(settings!)}`);
  }, 300_000);
  afterAll(async () => {
    await asof?.stop('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('runs the rest of the page as it stands there', async () => {
    const [, , get] = blocksOf(page, 'sh');
    expect(await feast.shell(get!.trim(), repository, { ASOF_URL: asof.url })).toMatch(/conv_rate_plus_val2/);
    const [ask, push] = blocksOf(page, 'python');
    expect(await feast.python(ask!, repository)).toMatch(/'driver_id': \[1001, 4711\].*'conv_rate': \[0\.\d+, None\]/s);
    await feast.python(here(push!), repository);
    const fresh = await waitFor(async () => {
      const question = { features: ['driver_hourly_stats_fresh:avg_daily_trips'], rows: [{ driver_id: 1001 }] };
      const [answer] = await read(question);
      return answer!.avg_daily_trips?.[0] === 1_000 ? answer : undefined;
    }, 60_000);
    expect(fresh).toBeDefined();
  });

  it('reads what GraphQL reads: present, absent and twice, and computes with it', async () => {
    const ids = [1001, 1002, 1003, 1004, 1005, 4711, 1001];
    const rows = ids.map((driver_id) => ({ driver_id, val_to_add: 1, val_to_add_2: 2 }));
    const [features, service] = await read(
      {
        features: [
          'driver_hourly_stats:conv_rate',
          'driver_hourly_stats:acc_rate',
          'driver_hourly_stats:avg_daily_trips',
        ],
        rows: ids.map((driver_id) => ({ driver_id })),
      },
      { service: 'driver_activity_v2', rows },
    );
    const { drivers } = await asof.query<{ drivers: { driverHourlyStats: Record<string, number | null> }[] }>(
      'query($ids: [Int64!]!) { drivers(driverId: $ids) { driverHourlyStats { convRate accRate avgDailyTrips } } }',
      { ids },
    );
    const column = (name: string) => drivers.map(({ driverHourlyStats }) => driverHourlyStats[name]);
    expect(column('convRate').filter((value) => value !== null)).toHaveLength(6);
    expect(features!.avg_daily_trips).toEqual(column('avgDailyTrips'));
    const narrow = (values: readonly unknown[]) =>
      values.map((value) => (value === null ? null : Math.fround(Number(value))));
    expect(narrow(features!.conv_rate!)).toEqual(narrow(column('convRate')));
    expect(narrow(features!.acc_rate!)).toEqual(narrow(column('accRate')));
    const { featureVectors } = await asof.query<{ featureVectors: { names: string[]; values: (number | null)[][] } }>(
      'query($keys: JSON, $request: JSON) { featureVectors(service: "driver_activity_v2", keys: $keys, request: $request) { names values } }',
      { keys: { driver_id: ids }, request: { val_to_add: 1, val_to_add_2: 2 } },
    );
    const computed = featureVectors.values[featureVectors.names.indexOf('transformed_conv_rate.conv_rate_plus_val2')]!;
    // There computed by Feast, in the client; here on the server.
    expect(narrow(service!.conv_rate_plus_val2!)).toEqual(narrow(computed));
  });

  it('reads every type, NULL, what is too old, and nothing', async () => {
    const names = ['yes', 'small', 'large', 'narrow', 'wide', 'text', 'seen', 'numbers', 'halves', 'words'];
    const features = names.map((name) => `things:${name}`);
    const rows = ['a', 'null', 'old', 'none'].map((thing_id) => ({ thing_id }));
    const [found, unknown, nobody] = await read(
      { features, rows },
      { features: ['things:nothing'], rows },
      { features, rows: { thing_id: [] } },
    );
    expect(nobody).toEqual(Object.fromEntries(['thing_id', ...names].map((name) => [name, []])));
    const first = Object.fromEntries(names.map((name) => [name, found![name]![0]]));
    expect(first).toMatchObject({
      ...{
        yes: true,
        small: -7,
        wide: 0.1,
        text: 'é, "quoted"',
        numbers: [1, 2, 3],
        halves: [0.5, 1.5],
        words: ['x', ''],
      },
      seen: Date.parse('2024-02-29T12:00:00Z') / 1_000,
    });
    expect(Math.fround(Number(first.narrow))).toBe(Math.fround(0.1));
    for (const name of names) expect(found![name]!.slice(1), name).toEqual([null, null, null]);
    expect(JSON.stringify(unknown)).toMatch(/nothing/);
    const statuses = await fetch(`${asof.url}/get-online-features`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ features, entities: { thing_id: rows.map(({ thing_id }) => thing_id) } }),
    });
    const { results } = (await statuses.json()) as { results: { statuses: string[]; values: unknown[] }[] };
    for (const { statuses: told } of results.slice(1)) {
      expect(told).toEqual(['PRESENT', 'NULL_VALUE', 'OUTSIDE_MAX_AGE', 'NOT_FOUND']);
    }
    // As text: beyond 2^53, where Feast's own server sends a number that JSON cannot keep.
    expect(results[1 + names.indexOf('large')]!.values[0]).toBe('9007199254740993');
  });

  it('says what did not come over, in text and as JSON, and does not write over what is there', async () => {
    const text = await feast.shell('asof import feast . --out again.json', repository);
    expect(text).toMatch(/left out: driver_hourly_stats:driver_metadata: it is MAP/);
    const json = JSON.parse(
      await feast.shell('asof import feast . --out again.json --force --json', repository),
    ) as object;
    expect(json).toMatchObject({ views: 3, onDemandViews: 2, services: 3, notes: expect.any(Array) });
    await expect(feast.shell('asof import feast . --out again.json', repository)).rejects.toThrow(
      /there is a file already/,
    );
    appendFileSync(join(repository, 'broken.db'), Buffer.from([0xff, 0xff, 0xff]));
    await expect(feast.shell('asof import feast . --registry broken.db --out b.json', repository)).rejects.toThrow(
      /the registry is not readable/,
    );
    await expect(feast.shell('asof import feast data --out b.json', repository)).rejects.toThrow(/no Feast repository/);
  });
});

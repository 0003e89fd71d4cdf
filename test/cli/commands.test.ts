import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AsofProcess, startServe, waitFor } from '../e2e/asof-process.ts';
import { type EndedCommand, runAsof } from '../e2e/run-command.ts';

/** A project that `asof init` made, far from this package, and its process; the tests go on from one another. */
let folder: string;
let project: string;
let asof: AsofProcess;

/** Runs a command in the project against its process. */
function run(...args: string[]): Promise<EndedCommand> {
  return runAsof(args, { cwd: project, env: { ASOF_URL: asof.url } });
}

async function runJson(...args: string[]) {
  const ended = await run(...args, '--json');
  return { ...ended, answer: ended.out === '' ? null : JSON.parse(ended.out) };
}

const withoutServer = { env: { ASOF_URL: 'http://127.0.0.1:9' } };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'asof-cli-'));
  project = join(folder, 'project');
  const init = await runAsof(['init', 'project'], { cwd: folder });
  expect(init).toMatchObject({ exitCode: 0, err: '' });
  expect(init.out).toContain('asof serve --definitions project/features.ts');
  asof = await startServe(join(project, 'features.ts'), join(folder, 'data'));
  await asof.ready(30_000);
  const purchasedAt = new Date(Date.now() - 60_000).toISOString();
  const events = [
    { purchaseId: 'p1', userId: 'ada', amount: '12.50', purchasedAt },
    { purchaseId: 'p2', userId: 'ada', amount: '2.50', purchasedAt },
  ];
  await asof.query('mutation($events: [JSON!]!) { push(input: {source: "purchases", events: $events}) { accepted } }', {
    events,
  });
}, 60_000);
afterAll(async () => {
  await asof?.stop('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

describe('an initialized project', () => {
  it('is not written over', async () => {
    const again = await runAsof(['init', 'project', '--json'], { cwd: folder });
    expect(again.exitCode).toBe(2);
    expect(JSON.parse(again.err)).toMatchObject({ error: { code: 'BAD_INPUT', path: 'project/features.ts' } });
  });

  it('serves what was pushed', async () => {
    const read = await waitFor(async () => {
      const { answer } = await runJson('get', 'model', '--key', 'id=ada');
      return answer.values[0][0] === 2 ? answer : undefined;
    }, 10_000);
    expect(read).toMatchObject({
      names: ['user_purchases.purchases_24h', 'user_purchases.mean_amount_24h'],
      values: [[2], [7.5]],
      statuses: [['PRESENT'], ['PRESENT']],
    });
    const { exitCode, out } = await run('get', 'model', '--key', 'id=ada');
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^feature +value +status +event time\nuser_purchases\.purchases_24h +2 +PRESENT +\d{4}-/);
    expect(out).toMatch(/mean_amount_24h +7\.5 +PRESENT.*\nread at \d{4}-.*Z\n$/);
  });

  it('explains a value, for people and for programs', async () => {
    const asked = ['explain', 'user_purchases.mean_amount_24h', '--key', 'id=ada'] as const;
    const [text, listed, unknown, keyless, misnamed, withoutTime] = await Promise.all([
      run(...asked),
      runJson(...asked, '--all'),
      run('explain', 'user_purchases.mean_amont_24h', '--key', 'id=ada'),
      run('explain', 'user_purchases.mean_amount_24h'),
      run('explain', 'user_purchases.mean_amount_24h', '--key', 'ids=ada', '--json'),
      run(...asked, '--definitions', 'features.ts'),
    ]);
    expect(text).toMatchObject({ exitCode: 0, err: '' });
    expect(text.out).toMatch(/^user_purchases\.mean_amount_24h = 7\.5 {2}PRESENT.*\navg\(amount\) over 2 events\n/);
    expect(text.out).toContain('the same by online and offline');
    const [{ events }] = listed.answer.terms;
    expect(events.map(({ outcome, total }: { outcome: string; total: number }) => [outcome, total])).toEqual([
      ['counted', 2],
    ]);
    expect(unknown.exitCode).toBe(2);
    expect(unknown.err).toContain('Did you mean "mean_amount_24h"?');
    expect(keyless.exitCode).toBe(2);
    expect(keyless.err).toBe(
      'asof: key.id: is missing; expected string; got nothing. Give "id" a value; it is needed to compute this feature.\n',
    );
    expect(JSON.parse(misnamed.err)).toMatchObject({
      error: {
        code: 'UNKNOWN_NAME',
        path: 'key.ids',
        expected: 'id: string',
        got: 'ids',
        remedy: 'Did you mean "id"?',
      },
    });
    expect(withoutTime.exitCode).toBe(2);
    expect(withoutTime.err).toContain('--at: is missing');
  });

  it('says how fresh it is', async () => {
    const { answer } = await runJson('freshness');
    expect(answer).toEqual([
      { name: 'user_purchases', freshness: { slaMillis: 60_000, ageMillis: 0, stale: false, backlog: 0, state: 'OK' } },
    ]);
    const { out, exitCode } = await run('freshness');
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^view +state +age ms +SLA ms +stale +backlog\nuser_purchases +OK +0 +60000 +false +0\n$/);
  });
});

describe('asof dataset', () => {
  const create = ['dataset', 'create', '--name', 'd', '--service', 'model', '--time', 'at'];

  it('creates, lists, shows and downloads', async () => {
    const spine = 'SELECT "userId" AS id, "purchasedAt" + INTERVAL 30 SECOND AS at, amount FROM purchases';
    const created = await runJson(...create, '--spine', spine);
    expect(created).toMatchObject({ exitCode: 0, answer: { name: 'd', state: 'SUCCEEDED', rows: 2 } });
    const { id } = created.answer;
    const [list, show, download] = await Promise.all([
      run('dataset', 'list'),
      runJson('dataset', 'show', id),
      run('dataset', 'download', id, 'out'),
    ]);
    expect(list.out).toMatch(new RegExp(`^id +name +state +rows +created\\n${id} +d +SUCCEEDED +2 `));
    expect(show.answer).toMatchObject({ id, rows: 2 });
    expect(download).toMatchObject({ exitCode: 0, out: 'out/data.parquet\nout/manifest.json\n' });
    expect((await readdir(join(project, 'out'))).sort()).toEqual(['data.parquet', 'manifest.json']);
    expect(readFileSync(join(project, 'out', 'data.parquet'), 'latin1')).toMatch(/^PAR1/);
  });

  it('says why a dataset failed, and that it has nothing to download', async () => {
    const spine = "SELECT 'ada' AS id, TIMESTAMP '2090-01-01' AS at, 1 AS amount";
    const created = await run(...create, '--spine', spine);
    expect(created.exitCode).toBe(1);
    const [, id = ''] = /^asof: ([0-9a-f-]+): the dataset is FAILED/.exec(created.err) ?? [];
    const [show, download] = await Promise.all([run('dataset', 'show', id), run('dataset', 'download', id, 'none')]);
    expect(show.out).toMatch(/^d \([0-9a-f-]+\) FAILED: spine\.rows\[0\]\.at: .*2090-01-01/);
    expect(download).toMatchObject({ exitCode: 2, out: '' });
    expect(download.err).toBe(
      `asof: ${id}: the dataset has no files; expected one that SUCCEEDED; got FAILED. See \`asof dataset show ${id}\`.\n`,
    );
    expect(await readdir(project)).not.toContain('none');
  });

  it('takes the spine from a file, and names what is wrong with it', async () => {
    await writeFile(join(project, 'spine.sql'), 'SELECT userId AS id, purchasedAt AS at FROM purchase');
    const [unknown, absent] = await Promise.all([
      run(...create, '--spine', '@spine.sql'),
      run('dataset', 'show', 'nope'),
    ]);
    expect(unknown.exitCode).toBe(2);
    expect(unknown.err).toMatch(/^asof: .*purchase/);
    expect(absent).toMatchObject({ exitCode: 2, out: '' });
    expect(absent.err).toBe('asof: there is no dataset "nope". See `asof dataset list`.\n');
  });
});

describe('asof backfill and materialize', () => {
  it('wait for their job, and name a view that is not there', async () => {
    const [backfill, materialize, unknown] = await Promise.all([
      run('backfill', 'user_purchases'),
      runJson('materialize', 'user_purchases'),
      run('backfill', 'user_purchase'),
    ]);
    expect(backfill).toMatchObject({ exitCode: 0, out: expect.stringMatching(/^\d+ records, 0 keys written\n$/) });
    expect(materialize).toMatchObject({ exitCode: 0, answer: { state: 'SUCCEEDED', error: null } });
    expect(unknown.exitCode).toBe(2);
    expect(unknown.err).toMatch(/no feature view "user_purchase".*Did you mean "user_purchases"\?/);
  });
});

describe('asof plan and apply', () => {
  const features = () => readFileSync(join(project, 'features.ts'), 'utf8');

  it('find nothing to do where nothing changed', async () => {
    expect(await run('plan', 'features.ts')).toEqual({
      exitCode: 0,
      out: 'No changes: the registry holds these definitions already.\n',
      err: '',
    });
  });

  it('show what changes, why and what breaks; apply only when told to', async () => {
    await writeFile(
      join(project, 'changed.ts'),
      features().replace("over('24h'),\n    mean", "over('12h'),\n    mean"),
    );
    const [plan, asked] = await Promise.all([run('plan', 'changed.ts'), run('apply', 'changed.ts')]);
    expect(plan.exitCode).toBe(3);
    expect(plan.out).toMatch(/^~ new version feature view user_purchases \(version 2\)\n {4}.*purchases_24h/);
    expect(asked).toMatchObject({ exitCode: 2, out: '' });
    expect(asked.err).toMatch(/version 2.*\nasof: nobody to ask whether to apply this\. Call it with --yes\.\n$/s);
    const applied = await runJson('apply', 'changed.ts', '--yes');
    expect(applied).toMatchObject({ exitCode: 0, answer: { revision: 2, changes: [{ action: 'NEW_VERSION' }] } });
    expect((await run('plan', 'changed.ts')).exitCode).toBe(0);
  });

  it('say where a server found something wrong, and how to mend it', async () => {
    const changed = features().replace('[userPurchases]', "[userPurchases.pick('purchases_24h')]");
    await writeFile(join(project, 'repeated.ts'), changed);
    const said =
      'services.model.version: version 1 is registered with other features; expected a version above 1; got 1.';
    const [plan, json, apply] = await Promise.all([
      run('plan', 'repeated.ts'),
      run('plan', 'repeated.ts', '--json'),
      run('apply', 'repeated.ts', '--yes'),
    ]);
    for (const { exitCode, err } of [plan, apply]) {
      expect(err).toBe(`asof: ${said} A registered version never changes: set version: 2.\n`);
      expect(exitCode).toBe(2);
    }
    expect(JSON.parse(json.err)).toMatchObject({
      error: { code: 'BAD_DEFINITION', path: 'services.model.version', expected: 'a version above 1', got: '1' },
    });
  });

  it('retire with --prune what the file leaves out, and only then', async () => {
    const nothing = { asof: 1, entities: [], sources: [], views: [], onDemandViews: [], services: [] };
    await writeFile(join(project, 'nothing.json'), JSON.stringify(nothing));
    expect((await run('plan', 'nothing.json')).exitCode).toBe(0);
    const plan = await runJson('plan', 'nothing.json', '--prune');
    expect(plan.exitCode).toBe(3);
    expect(plan.answer.changes.map(({ action, name }: Record<string, string>) => `${action} ${name}`).sort()).toEqual([
      'RETIRE model',
      'RETIRE purchases',
      'RETIRE user',
      'RETIRE user_purchases',
    ]);
    expect((await run('apply', 'nothing.json', '--prune', '--yes')).exitCode).toBe(0);
    const gone = await waitFor(async () => {
      const ended = await run('get', 'model', '--key', 'id=ada');
      return ended.exitCode === 2 ? ended : undefined;
    }, 10_000);
    expect(gone.err).toMatch(/no service 'model'/);
  });
});

describe('a call that cannot be', () => {
  it('is told from one that may work later by its exit code', async () => {
    const [command, flag, missing, pair, nobody, json] = await Promise.all([
      run('frob'),
      run('plan', '--frob', 'features.ts'),
      run('plan'),
      run('get', 'model', '--key', 'id'),
      runAsof(['freshness'], withoutServer),
      runAsof(['plan', 'features.ts', '--json'], { ...withoutServer, cwd: project }),
    ]);
    expect(command).toMatchObject({ exitCode: 2, err: expect.stringContaining("unknown command 'frob'") });
    expect(flag).toMatchObject({ exitCode: 2, err: expect.stringContaining("unknown option '--frob'") });
    expect(missing).toMatchObject({ exitCode: 2, err: expect.stringContaining("missing required argument 'file'") });
    expect(pair.err).toBe('asof: --key: is not a pair; expected name=value; got id\n');
    expect(nobody).toMatchObject({ exitCode: 75, out: '' });
    expect(nobody.err).toMatch(/^asof: no Asof answers at http:\/\/127\.0\.0\.1:9\. Start one with .*ASOF_URL\.\n$/);
    expect(json.exitCode).toBe(75);
    expect(JSON.parse(json.err)).toMatchObject({ error: { code: 'UNAVAILABLE', remedy: expect.any(String) } });
  });
});

describe('asof try, as built', () => {
  it('evaluates definitions on files of a folder where nothing is installed', async () => {
    const files = join(folder, 'foreign');
    await mkdir(files);
    await writeFile(join(files, 'features.ts'), readFileSync(join(project, 'features.ts')));
    await writeFile(
      join(files, 'purchases.csv'),
      'purchaseId,userId,amount,purchasedAt\n1,ada,1.10,2001-01-01T10:00:00Z\n2,ada,2.20,2001-01-01T11:00:00Z\n',
    );
    await writeFile(join(files, 'spine.csv'), 'id,__time\nada,2001-01-01T11:00:00Z\nada,2001-01-01T11:00:01Z\n');
    const args = [
      '--definitions',
      'features.ts',
      '--rows',
      'purchases=purchases.csv',
      '--spine',
      'spine.csv',
      '--json',
    ];
    for (const executor of ['oracle', 'duckdb']) {
      const { exitCode, out, err } = await runAsof(['try', ...args, '--executor', executor], { cwd: files });
      expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
      expect(
        out
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line).values),
      ).toEqual([
        { 'user_purchases.purchases_24h': 1, 'user_purchases.mean_amount_24h': 1.1 },
        { 'user_purchases.purchases_24h': 2, 'user_purchases.mean_amount_24h': 1.65 },
      ]);
    }
  });
});

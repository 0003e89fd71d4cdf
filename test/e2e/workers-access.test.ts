import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { featureStoreMethods } from '../../runtime/grpc/generated/feature_store.ts';
import { call, openClient } from '../grpc/grpc-client.ts';
import { temporaryFolders } from '../processes/temporary-folders.ts';
import { type AsofProcess, startServe } from './asof-process.ts';
import { listeningPorts } from './listening-ports.ts';
import { eachWorker, type OneWorker } from './one-worker.ts';
import { runAsof } from './run-command.ts';

const folder = temporaryFolders('workers-access')();
const tokens = { reader: 'reader-horse-battery', writer: 'writer-horse-battery', admin: 'admin-horse-battery' };
type Role = keyof typeof tokens;

let asof: AsofProcess;
const each: Record<Role, OneWorker[]> = { reader: [], writer: [], admin: [] };

beforeAll(async () => {
  expect(await runAsof(['init', '.'], { cwd: folder })).toMatchObject({ exitCode: 0 });
  const tokenFile = join(folder, 'tokens');
  const lines = Object.entries(tokens).map(([role, token]) => `a-${role} ${role} ${token}`);
  writeFileSync(tokenFile, lines.join('\n'), { mode: 0o600 });
  const env = { ASOF_TOKEN_FILE: tokenFile, ASOF_WORKERS: '2' };
  asof = await startServe(join(folder, 'features.ts'), join(folder, 'data'), env);
  await asof.ready(30_000);
  for (const role of ['reader', 'writer', 'admin'] as const) each[role] = await eachWorker(asof.url, 2, tokens[role]);
});
afterAll(async () => {
  for (const worker of Object.values(each).flat()) await worker[Symbol.asyncDispose]();
  await asof?.stop('SIGKILL');
});

const run = (role: Role, ...args: string[]) =>
  runAsof([...args, '--json'], { cwd: folder, env: { ASOF_URL: asof.url, ASOF_TOKEN: tokens[role] } });

const headers = (role: Role) => ({ 'content-type': 'application/json', authorization: `Bearer ${tokens[role]}` });
const post = (role: Role, path: string, body: object) =>
  fetch(`${asof.url}${path}`, { method: 'POST', headers: headers(role), body: JSON.stringify(body) });

it('lets nobody do more through a worker than through one process', async () => {
  const push = 'mutation { push(input: {source: "purchases", events: []}) { accepted } }';
  const rebuild = 'mutation { rebuild(input: {views: ["user_purchases"]}) { errors { code } } }';
  const forbidden = { errors: [{ extensions: { code: 'FORBIDDEN' } }] };
  for (const { execute } of each.reader) {
    expect(await execute('{ featureViews { nodes { name } } trainingDatasets { nodes { name } } }')).toMatchObject({
      data: { featureViews: { nodes: [{ name: 'user_purchases' }] } },
    });
    expect(await execute(push)).toMatchObject(forbidden);
    expect(await execute(rebuild)).toMatchObject(forbidden);
  }
  for (const { execute } of each.writer) {
    expect(await execute(push)).toEqual({ data: { push: { accepted: 0 } } });
    expect(await execute(rebuild)).toMatchObject(forbidden);
  }
  for (const { execute } of each.admin) expect(await execute(rebuild)).not.toMatchObject(forbidden);
});

it('applies under the name of the token, in the primary', async () => {
  const refused = await run('reader', 'apply', 'features.ts', '--yes');
  expect(JSON.parse(refused.err).error).toMatchObject({ code: 'FORBIDDEN', got: 'the role reader' });
  const input = {
    definitions: { asof: 1, entities: [], sources: [], views: [] },
    expectedRevision: 0,
    appliedBy: 'somebody else',
  };
  const query = 'mutation($input: ApplyInput!) { apply(input: $input) { errors { code got } } }';
  for (const { execute } of each.admin) {
    expect(JSON.stringify(await execute(query, { input }))).toMatch(/CONFLICT.*applied by start at/);
  }
});

it('gives the files of datasets through each worker to those who have a token', async () => {
  const spine = "SELECT 'ada' AS id, TIMESTAMPTZ '2026-01-01' AS at";
  const named = ['--name', 'first', '--service', 'model', '--spine', spine, '--time', 'at'];
  const created = await run('admin', 'dataset', 'create', ...named);
  expect(created).toMatchObject({ exitCode: 0 });
  const [{ url }] = JSON.parse(created.out).files;
  expect((await fetch(new URL(url, asof.url))).status).toBe(401);
  const { pathname } = new URL(url, asof.url);
  const files = await Promise.all(each.reader.map(({ text }) => text(pathname)));
  expect(files[0]).toMatch(/^PAR1/);
  expect(files[1]).toBe(files[0]);
});

it('serves those who have no GraphQL', async () => {
  const event = { purchaseId: 'p1', userId: 'eve', amount: '2.50', purchasedAt: new Date().toISOString() };
  const pushed = {
    push_source_name: 'purchases',
    df: Object.fromEntries(Object.entries(event).map(([k, v]) => [k, [v]])),
  };
  expect((await post('reader', '/push', pushed)).status).toBe(403);
  expect((await post('writer', '/push', pushed)).status).toBe(200);
  const asked = { feature_service: 'model', entities: { id: ['eve'] } };
  await expect
    .poll(async () => JSON.stringify(await (await post('reader', '/get-online-features', asked)).json()))
    .toMatch(/2\.5/);
  const client = openClient(Number(new URL(asof.url).port));
  const authorization = `Bearer ${tokens.reader}`;
  const asking = { entityId: 'eve', featureNames: ['user_purchases:purchases_24h'] };
  const answer = await call(client, featureStoreMethods.getFeatures, asking, { authorization });
  expect([...answer.features.keys()]).toEqual(['user_purchases:purchases_24h']);
  await expect(call(client, featureStoreMethods.getFeatures, asking)).rejects.toMatchObject({
    asofCode: 'UNAUTHENTICATED',
  });
  client.close();
});

it('has the primary answer nobody but its workers', async () => {
  const own = Number(new URL(asof.url).port);
  const ports = listeningPorts(asof.pid).filter((port) => port !== own);
  expect(ports).toHaveLength(2);
  for (const port of ports) {
    for (const path of ['/graphql?query={__typename}', '/sdl']) {
      const url = `http://127.0.0.1:${port}${path}`;
      expect((await fetch(url)).status, path).toBe(401);
      expect((await fetch(url, { headers: { ...headers('admin'), 'asof-principal': 'admin' } })).status, path).toBe(
        401,
      );
    }
  }
});

it('tells no secret', () => {
  for (const secret of Object.values(tokens)) expect(asof.output()).not.toContain(secret);
});

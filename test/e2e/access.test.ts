import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolders } from '../processes/temporary-folders.ts';
import { type AsofProcess, startServe, waitFor } from './asof-process.ts';
import { runAsof } from './run-command.ts';

/** A loopback address that is taken for one of the network: it is refused without tokens. */
const wide = '127.0.0.2';
const folder = temporaryFolders('access')();
const features = join(folder, 'features.ts');
const tokenFile = join(folder, 'tokens');
let tokens: { notebook: string; ci: string };
let asof: AsofProcess;

/** Makes the file as docs/security.md says. */
function makeTokens(): { notebook: string; ci: string } {
  const page = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8');
  const script = /```sh\n(umask[^`]*?)```/.exec(page)?.[1];
  const printed = execFileSync('bash', ['-euc', `${script}\necho "$notebook $ci"`], { cwd: folder, encoding: 'utf8' });
  const [notebook = '', ci = ''] = printed.trim().split(' ');
  return { notebook, ci };
}

const run = (token: string | null, ...args: string[]) =>
  runAsof([...args, '--json'], {
    cwd: folder,
    env: { ASOF_URL: asof.url, ...(token === null ? {} : { ASOF_TOKEN: token }) },
  });

const errorOf = ({ err }: { err: string }) => JSON.parse(err).error;

beforeAll(async () => {
  expect(await runAsof(['init', '.'], { cwd: folder })).toMatchObject({ exitCode: 0 });
  tokens = makeTokens();
  chmodSync(tokenFile, 0o644);
  asof = await startServe(features, join(folder, 'data'), { HOST: wide, ASOF_TOKEN_FILE: tokenFile });
  await asof.ready(30_000);
});
afterAll(async () => {
  await asof?.stop('SIGKILL');
});

describe('a process', () => {
  it('refuses to listen beyond loopback without tokens, and with a file that is not readable', async () => {
    mkdirSync(join(folder, 'other'));
    const serve = (env: Record<string, string>) =>
      runAsof(['serve'], { env: { ASOF_DATA_DIR: join(folder, 'other'), PORT: '0', HOST: wide, ...env } });
    const bare = await serve({});
    expect(bare.exitCode).toBe(2);
    expect(bare.err).toMatch(/refuses to listen on 127\.0\.0\.2 without authentication.*ASOF_TOKEN_FILE/);
    writeFileSync(join(folder, 'bad'), 'ci root correct-horse-battery\n');
    const bad = await serve({ ASOF_TOKEN_FILE: join(folder, 'bad') });
    expect(bad.exitCode).toBe(2);
    expect(bad.err).toMatch(/bad:1: the role is unknown/);
    expect(bad.err).not.toContain('horse');
  });

  it('answers whom it knows, on any address', async () => {
    expect(asof.url).toContain(`http://${wide}:`);
    const stranger = await run(null, 'freshness');
    expect(stranger.exitCode).toBe(1);
    expect(errorOf(stranger)).toMatchObject({
      code: 'UNAUTHENTICATED',
      got: 'no token',
      expected: expect.stringContaining('Authorization: Bearer'),
      remedy: expect.stringContaining('ASOF_TOKEN'),
    });
    expect(await run(tokens.notebook, 'freshness')).toMatchObject({ exitCode: 0, err: '' });
  });

  it('lets a reader change nothing, and an admin apply under the name of the token', async () => {
    const refused = await run(tokens.notebook, 'apply', 'features.ts', '--yes');
    expect(refused.exitCode).toBe(1);
    expect(errorOf(refused)).toMatchObject({
      code: 'FORBIDDEN',
      message: expect.stringContaining("'notebook' may not use the mutation apply"),
      expected: 'a token with the role admin',
      got: 'the role reader',
    });
    writeFileSync(features, readFileSync(features, 'utf8').replace("owner: 'me'", "owner: 'others'"));
    expect(await run(tokens.ci, 'apply', 'features.ts', '--yes')).toMatchObject({ exitCode: 0 });
    const response = await fetch(`${asof.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${tokens.ci}` },
      body: JSON.stringify({
        query: 'mutation($input: ApplyInput!) { apply(input: $input) { errors { code got } } }',
        variables: {
          input: {
            definitions: { asof: 1, entities: [], sources: [], views: [] },
            expectedRevision: 1,
            appliedBy: 'somebody else',
          },
        },
      }),
    });
    expect(JSON.stringify(await response.json())).toMatch(/CONFLICT.*applied by ci at/);
  });

  it('gives the files of datasets to those who have a token', async () => {
    const spine = "SELECT 'ada' AS id, TIMESTAMPTZ '2026-01-01' AS at";
    const named = ['--name', 'first', '--service', 'model', '--spine', spine, '--time', 'at'];
    const created = await run(tokens.ci, 'dataset', 'create', ...named);
    expect(created).toMatchObject({ exitCode: 0 });
    const { id, files } = JSON.parse(created.out);
    expect((await fetch(new URL(files[0].url, asof.url))).status).toBe(401);
    const downloaded = await run(tokens.notebook, 'dataset', 'download', id, join(folder, 'saved'));
    expect(downloaded).toMatchObject({ exitCode: 0 });
    expect(readdirSync(join(folder, 'saved'))).toContain(files[0].name);
  });

  it('takes up other tokens while it runs, and keeps those that were good when the file has mistakes', async () => {
    const status = async (token: string) =>
      (await fetch(`${asof.url}/metrics`, { headers: { authorization: `Bearer ${token}` } })).status;
    const replace = (text: string) => {
      writeFileSync(`${tokenFile}.new`, text, { mode: 0o600 });
      renameSync(`${tokenFile}.new`, tokenFile);
    };
    replace(`notebook reader newer-horse-battery\nci root ${tokens.ci}\n`);
    await waitFor(() => (asof.output().includes('the role is unknown') ? true : undefined), 10_000);
    expect([await status(tokens.notebook), await status('newer-horse-battery')]).toEqual([200, 401]);
    replace('notebook reader newer-horse-battery\n');
    await waitFor(async () => ((await status('newer-horse-battery')) === 200 ? true : undefined), 10_000);
    expect(await status(tokens.notebook)).toBe(401);
  });

  it('warns of a file that others may read, and logs no token', () => {
    expect(asof.output()).toMatch(/"mode":"0644".*chmod it to 0600/);
    for (const secret of [tokens.notebook, tokens.ci, 'newer-horse-battery']) {
      expect(secret.length).toBeGreaterThan(15);
      expect(asof.output()).not.toContain(secret);
    }
  });
});

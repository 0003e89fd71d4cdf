import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { runAsof } from '../e2e/run-command.ts';

it('asof is built as a program that can be run', async () => {
  await access('dist/cli/main.js', constants.X_OK);
});

it('a wrong call is told in words, and with --json as JSON like every other error', async () => {
  const [text, json] = await Promise.all([runAsof(['try', '--frob']), runAsof(['try', '--json', '--frob'])]);
  expect(text).toEqual({ exitCode: 2, out: '', err: "error: unknown option '--frob'\n" });
  expect(json).toMatchObject({ exitCode: 2, out: '' });
  expect(JSON.parse(json.err)).toEqual({ error: { code: 'BAD_INPUT', message: "unknown option '--frob'" } });
});

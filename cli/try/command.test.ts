import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, afterEach, expect, test } from 'vitest';
import { collectDefinitions } from '../../core/definitions/collect.ts';
import { countRows, entity, eventSource, featureView, t } from '../../core/index.ts';
import { addTryCommand } from './command.ts';

const folder = mkdtempSync(join(tmpdir(), 'asof-try-command-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const { exitCode } = process;
afterEach(() => {
  process.exitCode = exitCode;
});

const v = featureView('v', {
  entity: entity('user', { key: { user: t.string } }),
  source: eventSource('pay', { fields: { user: t.string }, eventTime: 'at' }),
  key: { user: 'user' },
  features: { n: countRows().over('1h') },
});
const one = {
  name: 'one',
  definitions: collectDefinitions({ v }),
  rows: { pay: [{ user: 'a', at: '2024-01-01T10:00:00Z' }] },
  spine: [{ user: 'a', __time: '2024-01-01T10:30:00Z' }],
};
const right = { ...one, name: 'right', expected: [{ values: { 'v.n': 1 } }] };
const wrong = { ...one, name: 'wrong', expected: [{ values: { 'v.n': 2 } }] };
const bad = { ...one, name: 'bad', mode: 'NEVER' };

async function run(cases: readonly object[], ...flags: readonly string[]) {
  const file = join(folder, 'cases.ndjson');
  writeFileSync(file, cases.map((each) => `${JSON.stringify(each)}\n`).join(''));
  const [out, err]: [string[], string[]] = [[], []];
  const program = new Command().exitOverride();
  addTryCommand(program, (json) => ({
    json,
    out: (text) => out.push(text),
    err: (text) => err.push(text.replaceAll(`${folder}/`, '')),
  }));
  process.exitCode = 0;
  await program.parseAsync(['try', '--cases', file, ...flags], { from: 'user' });
  return { exitCode: process.exitCode, out, err };
}

test('--check tells what differs and exits with 1; what is printed stays', async () => {
  const unchecked = await run([right, wrong]);
  const checked = await run([right, wrong], '--check');
  expect(checked.out).toEqual(unchecked.out);
  expect(unchecked.out.map((line) => Object.keys(JSON.parse(line)))).toEqual([
    ['name', 'rows'],
    ['name', 'rows'],
  ]);
  expect(unchecked).toMatchObject({
    exitCode: 0,
    err: ['right', 'wrong'].map((name) => `case "${name}": "expected" is not compared: add --check.`),
  });
  expect(checked).toMatchObject({
    exitCode: 1,
    err: ['case "wrong": row 0, values.v.n: expected 2; got 1', 'checked: 1 as expected, 1 not, 0 failed'],
  });
});

test('--check passes what is as expected, and nothing that was not checked', async () => {
  expect(await run([right], '--check')).toMatchObject({
    exitCode: 0,
    err: ['checked: 1 as expected, 0 not, 0 failed'],
  });
  expect(await run([right, one], '--check')).toMatchObject({
    exitCode: 1,
    err: ['case "one": has no "expected", so nothing was checked', 'checked: 1 as expected, 1 not, 0 failed'],
  });
  const failed = await run([wrong, bad], '--check');
  expect(failed.exitCode).toBe(2);
  expect(failed.err.at(-1)).toBe('checked: 0 as expected, 1 not, 1 failed');
});

test('a file without cases is told, and is no success with --check', async () => {
  expect(await run([])).toEqual({ exitCode: 0, out: [], err: ['cases.ndjson has no cases.'] });
  expect(await run([], '--check')).toMatchObject({ exitCode: 1, out: [] });
});

test('--cases stands beside none of the flags that it replaces', async () => {
  await expect(run([right], '--rows', 'pay=a.csv', '--spine', 'b.csv')).rejects.toMatchObject({
    code: 'BAD_INPUT',
    details: { path: '--cases', got: '--cases and --rows, --spine' },
  });
  await expect(run([right], '--definitions', 'a.ts')).rejects.toThrow('got --cases and --definitions');
});

test('--check needs --cases', async () => {
  const program = new Command().exitOverride();
  addTryCommand(program);
  const called = program.parseAsync(['try', '--definitions', 'a.ts', '--spine', 'b.csv', '--check'], { from: 'user' });
  await expect(called).rejects.toMatchObject({ code: 'BAD_INPUT', details: { path: '--check' } });
});

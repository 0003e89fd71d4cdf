import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { runAsof } from '../e2e/run-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'asof-doctor-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('asof doctor ends with 0 where nothing fails, and prints what it found', async () => {
  const env = { ASOF_DATA_DIR: join(folder, 'data') };
  const text = await runAsof(['doctor'], { env });
  expect(text).toMatchObject({ exitCode: 0, err: '' });
  expect(text.out).toMatch(/^ok {4}machine: Node: \d+/m);
  expect(text.out).toMatch(/\d+ ok, \d+ to look at, 0 failing\n$/);
  const json = await runAsof(['doctor', '--json'], { env });
  expect(json.exitCode).toBe(0);
  expect(JSON.parse(json.out)).toMatchObject({
    result: expect.stringMatching(/^(ok|warn)$/),
    findings: expect.any(Array),
  });
});

it('asof doctor ends with 1 where something fails, and says how to mend it', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const text = await runAsof(['doctor'], { env: { ASOF_DATA_DIR: join(file, 'data') } });
  expect(text).toMatchObject({ exitCode: 1, err: '' });
  expect(text.out).toMatch(/^fail {2}data folder: .*\n {6}expected a folder to write to\n {6}.*ASOF_DATA_DIR/m);
  const json = await runAsof(['doctor', '--json'], { env: { PORT: 'x' } });
  expect(json.exitCode).toBe(1);
  expect(JSON.parse(json.out)).toMatchObject({ result: 'fail', findings: [{ service: 'environment', level: 'fail' }] });
});

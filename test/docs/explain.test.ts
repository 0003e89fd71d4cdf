import { rmSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import type { Explanation } from '../../core/explain/explanation.ts';
import { recompute } from '../explain/recompute.ts';
import { openPage, runCommand } from './page.ts';

const { folder, commands } = openPage('docs/explain.md');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(commands)('what is printed as JSON accounts for the value: $command', async ({ command }) => {
  const printed = JSON.parse(await runCommand(`${command} --json --all`, folder)) as Explanation;
  const { value, status, defaulted } = printed;
  expect(recompute(printed)).toEqual({ value, status, defaulted });
});

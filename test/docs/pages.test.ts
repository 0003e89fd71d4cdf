import { readdirSync, rmSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { openPage, runCommand } from './page.ts';

/** Indexes have no examples of their own; the mutation check and the test of leaks look after their pages themselves. */
const elsewhere = ['README.md', 'mutation.md', 'leakage.md'];

const folders = ['docs/semantics', 'docs/pitfalls', 'docs/guides'].flatMap((folder) =>
  readdirSync(new URL(`../../${folder}/`, import.meta.url))
    .filter((name) => !elsewhere.includes(name))
    .map((name) => `${folder}/${name}`),
);
const pages = [...folders, 'docs/explain.md', 'docs/functions.md'];

for (const path of pages) {
  describe(path, () => {
    const { folder, commands } = openPage(path);
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    test('has commands', () => expect(commands).not.toHaveLength(0));
    test.each(commands)('$command', async ({ command, expected }) => {
      expect(await runCommand(command, folder)).toBe(expected);
    });

    const forServing = commands.filter(
      ({ command, expected }) =>
        command.startsWith('asof try') &&
        !/--mode|--executor|known/.test(command) &&
        expected?.startsWith('asof:') === false,
    );
    test.each(forServing)('the online store says the same: $command', async ({ command, expected }) => {
      expect(await runCommand(`${command} --executor online`, folder)).toBe(expected);
    });
  });
}

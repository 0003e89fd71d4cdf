import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, describe, expect, test } from 'vitest';
import { addTryCommand } from '../../cli/try/command.ts';

const pages = new URL('../../docs/semantics/', import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'asof-docs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Block {
  readonly language: string;
  readonly file: string | null;
  readonly text: string;
}

function blocksOf(page: string): Block[] {
  const markdown = readFileSync(new URL(page, pages), 'utf8');
  return [...markdown.matchAll(/^```(\w+) ?(\S*)\n(.*?)^```$/gms)].map(([, language = '', file = '', text = '']) => ({
    language,
    file: file === '' ? null : file,
    text,
  }));
}

/** Runs `asof try …` as a reader would, with the page's files; what it prints. */
async function run(command: string, filesFolder: string): Promise<string> {
  const [asof, ...words] = command.trim().split(/\s+/);
  expect(asof).toBe('asof');
  const printed: string[] = [];
  const program = new Command().exitOverride();
  addTryCommand(program, (json) => ({
    json,
    out: (text) => printed.push(`${text}\n`),
    err: (text) => printed.push(text),
  }));
  const args = words.map((word) => word.replace(/(^|=)([\w-]+\.(?:ts|csv))$/, `$1${filesFolder}/$2`));
  await program.parseAsync(args, { from: 'user' });
  return printed.join('');
}

/** The index has no examples of its own, and the mutation check writes its page itself. */
const withoutExamples = ['README.md', 'mutation.md'];

for (const page of readdirSync(pages).filter((name) => !withoutExamples.includes(name))) {
  describe(`docs/semantics/${page}`, () => {
    const blocks = blocksOf(page);
    const filesFolder = mkdtempSync(join(folder, 'page-'));
    for (const { file, text } of blocks) if (file !== null) writeFileSync(join(filesFolder, file), text);
    const commands = blocks.flatMap(({ language, text }, index) =>
      language === 'sh' ? [{ command: text.trim(), expected: blocks[index + 1]?.text }] : [],
    );

    test('has commands', () => expect(commands).not.toHaveLength(0));
    test.each(commands)('$command', async ({ command, expected }) => {
      expect(await run(command, filesFolder)).toBe(expected);
    });

    const forServing = commands.filter(({ command }) => !/--mode|--executor|known/.test(command));
    test.each(forServing)('the online store says the same: $command', async ({ command, expected }) => {
      expect(await run(`${command} --executor online`, filesFolder)).toBe(expected);
    });
  });
}

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { addTryCommand } from '../../cli/try/command.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import { runAsof } from '../e2e/run-command.ts';

/** A page of docs/ whose files are laid out in a folder, as a reader would save them. */
export interface Page {
  readonly folder: string;
  readonly commands: readonly PageCommand[];
}

export interface PageCommand {
  readonly command: string;
  /** The block that follows: what the command prints. */
  readonly expected: string | undefined;
}

interface Block {
  readonly language: string;
  readonly file: string | null;
  readonly text: string;
}

const run = promisify(execFile);
const project = new URL('../../', import.meta.url);

export function openPage(path: string): Page {
  const folder = mkdtempSync(join(tmpdir(), 'asof-docs-'));
  const blocks = blocksOf(readFileSync(new URL(path, project), 'utf8'));
  for (const { file, text } of blocks) if (file !== null) writeFileSync(join(folder, file), text);
  const commands = blocks.flatMap(({ language, text }, index) =>
    language === 'sh' ? [{ command: text.trim(), expected: blocks[index + 1]?.text }] : [],
  );
  return { folder, commands };
}

function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w+) ?(\S*)\n(.*?)^```$/gms)].map(([, language = '', file = '', text = '']) => ({
    language,
    file: file === '' ? null : file,
    text,
  }));
}

/** Runs a page's command as a reader would; what it prints, errors included. */
export async function runCommand(command: string, folder: string): Promise<string> {
  const [program, ...words] = command.split(/\s+/);
  if (program === 'node') return (await run(process.execPath, words, { cwd: folder })).stdout;
  if (program === 'npx') return (await run('npx', words, { cwd: project })).stdout;
  if (program !== 'asof') throw new Error(`a page runs ${program}: expected asof, node or npx`);
  if (words[0] === 'try') return runTry(words, folder);
  const { out, err } = await runAsof(words, { cwd: folder });
  return out + err;
}

/** In this process, which is much faster than a new one. */
async function runTry(words: readonly string[], folder: string): Promise<string> {
  const { exitCode } = process;
  const printed: string[] = [];
  const program = new Command().exitOverride();
  addTryCommand(program, (json) => ({
    json,
    out: (text) => printed.push(`${text}\n`),
    err: (text) => printed.push(`${text}\n`),
  }));
  const args = words.map((word) => word.replace(/(^|=)([\w-]+\.(?:ts|csv|json))$/, `$1${folder}/$2`));
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof AsofError)) throw error;
    printed.push(`asof: ${error.message}\n`);
  }
  // A command that fails is no test that does.
  process.exitCode = exitCode;
  return printed.join('').replaceAll(`${folder}/`, '');
}

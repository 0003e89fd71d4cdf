import { type ChildProcess, execFile, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
} from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { healthCommand, type Instruction, parseDockerfile, type Stage } from './dockerfile.ts';

/** A user without rights, who stands for every user of the image but root. */
const nobody = 65_534;

/** What the Dockerfile makes, below a folder instead of in an image. */
export interface LaidOutImage {
  /** Where a path of the image is. */
  place(path: string): string;
  /** Runs the image's program with these arguments as its user; `env` is added to the image's own variables. */
  start(args: readonly string[], env?: Readonly<Record<string, string>>): ChildProcess;
  /** The same to its end: what it prints. Rejects when it fails. */
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<string>;
  /** Rejects when the image's HEALTHCHECK finds the process that listens on this port not well. */
  checkHealth(port: number): Promise<void>;
}

const project = new URL('../../', import.meta.url).pathname;
const execute = promisify(execFile);

/** Follows the Dockerfile in an empty folder that this process owns; needs root, in order to be somebody else. */
export async function layOutImage(folder: string): Promise<LaidOutImage> {
  chmodSync(folder, 0o755);
  const stages = parseDockerfile(readFileSync(join(project, 'Dockerfile'), 'utf8'));
  const roots = new Map(stages.map(({ name }, index) => [name, join(folder, name ?? String(index))]));
  for (const stage of stages) await layOutStage(stage, roots);
  const { name, instructions } = stages.at(-1)!;
  const root = roots.get(name)!;
  const place = (word: string): string => (word.startsWith('/') ? join(root, word) : word);
  const words = (wanted: string): readonly string[] =>
    instructions.flatMap((instruction) => (instruction.name === wanted ? instruction.words : []));
  const variables = words('ENV').map((word) => word.split('=') as [string, string]);
  const asUser = (env: Readonly<Record<string, string>>) => ({
    cwd: place('/tmp'),
    env: {
      PATH: process.env.PATH,
      ...Object.fromEntries(variables.map(([key, value]) => [key, place(value)])),
      ...env,
    },
    uid: nobody,
    gid: nobody,
  });
  const [program = '', ...first] = words('ENTRYPOINT').map(place);
  mkdirSync(place('/tmp'));
  chownSync(place('/tmp'), nobody, nobody);
  return {
    place,
    start: (args, env = {}) =>
      spawn(program, [...first, ...args], { ...asUser(env), stdio: ['ignore', 'pipe', 'pipe'] }),
    run: async (args, env = {}) => (await execute(program, [...first, ...args], asUser(env))).stdout,
    async checkHealth(port) {
      const check = instructions.find((instruction) => instruction.name === 'HEALTHCHECK');
      const [command = '', ...rest] = healthCommand(check!).map(place);
      await execute(command, rest, asUser({ PORT: String(port) }));
    },
  };
}

async function layOutStage({ name, instructions }: Stage, roots: ReadonlyMap<string | null, string>): Promise<void> {
  const root = roots.get(name)!;
  const paths = { root, work: root };
  let user = 0;
  mkdirSync(root);
  for (const instruction of instructions) {
    const { words } = instruction;
    if (instruction.name === 'WORKDIR') {
      paths.work = join(root, words[0]!);
      mkdirSync(paths.work, { recursive: true });
      // The base image's home folder is its user's.
      if (words[0] === '/home/node') chownSync(paths.work, nobody, nobody);
    } else if (instruction.name === 'USER') {
      user = ownerOf(words[0]!);
    } else if (instruction.name === 'COPY') {
      copy(instruction, paths, roots);
    } else if (instruction.name === 'RUN') {
      await runScript(words, paths.work, user);
    }
  }
}

/** Of a folder its content, as COPY does. A stage that is copied from is done: what it has is moved, which is faster. */
function copy(
  { flags, words }: Instruction,
  { root, work }: { readonly root: string; readonly work: string },
  roots: ReadonlyMap<string | null, string>,
): void {
  const stage = flags.get('from');
  const target = words.at(-1)!;
  const to = target.startsWith('/') ? join(root, target) : resolve(work, target);
  const owner = ownerOf(flags.get('chown') ?? '0:0');
  const put = (source: string, place: string): void => {
    if (stage === undefined) cpSync(source, place, { recursive: true, verbatimSymlinks: true });
    else renameSync(source, place);
    give(place, owner);
  };
  for (const word of words.slice(0, -1)) {
    const source = join(stage === undefined ? project : roots.get(stage)!, word);
    if (!statSync(source).isDirectory()) {
      put(source, target.endsWith('/') ? join(to, basename(word)) : to);
      continue;
    }
    // One that is there already keeps its owner.
    if (mkdirSync(to, { recursive: true }) !== undefined) chownSync(to, owner, owner);
    for (const entry of readdirSync(source)) put(join(source, entry), join(to, entry));
  }
}

function ownerOf(user: string): number {
  return user === '0:0' ? 0 : nobody;
}

/** To this user, with all that is in it. */
function give(path: string, owner: number): void {
  lchownSync(path, owner, owner);
  if (!lstatSync(path).isDirectory()) return;
  for (const entry of readdirSync(path)) give(join(path, entry), owner);
}

/** With nothing but a home, as in a container; and what this machine needs to reach npm's registry. */
async function runScript([shell = '', ...args]: readonly string[], work: string, user: number): Promise<void> {
  const reach = Object.entries(process.env).filter(([name]) => /^(NODE_EXTRA_CA_CERTS|(https?|no)_proxy)$/i.test(name));
  const env = { PATH: process.env.PATH, HOME: work, ...Object.fromEntries(reach) };
  await execute(shell, args, { cwd: work, env, uid: user, gid: user, maxBuffer: 16 * 1_048_576 });
}

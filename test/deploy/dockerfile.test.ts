import { existsSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { parseDockerfile } from './dockerfile.ts';
import { imageStage, imageVariables, variablesRead } from './variables.ts';

const project = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, project), 'utf8');
const stages = parseDockerfile(read('Dockerfile'));
const all = stages.flatMap(({ instructions }) => instructions);
const of = (name: string) => all.filter((instruction) => instruction.name === name);
const image = imageStage().instructions;

describe('Dockerfile', () => {
  it('says nothing but what the test of the image follows, or what only a container has', () => {
    const followed = ['WORKDIR', 'USER', 'COPY', 'RUN', 'ENV', 'ENTRYPOINT', 'HEALTHCHECK'];
    const ofContainers = ['EXPOSE', 'CMD'];
    expect(all.map(({ name }) => name).filter((name) => ![...followed, ...ofContainers].includes(name))).toEqual([]);
    for (const { flags } of of('COPY')) expect(['chown', 'from']).toEqual(expect.arrayContaining([...flags.keys()]));
  });

  it('runs only scripts of deploy/image, never as root', () => {
    expect(of('RUN')).not.toHaveLength(0);
    for (const { words } of of('RUN')) {
      expect(words).toEqual(['sh', expect.stringMatching(/^deploy\/image\/[\w-]+\.sh$/)]);
      expect(existsSync(new URL(words[1]!, project))).toBe(true);
    }
    for (const { instructions } of stages) {
      const [firstRun, firstUser] = ['RUN', 'USER'].map((name) => instructions.findIndex((one) => one.name === name));
      if (firstRun !== -1) expect(firstUser).toBeLessThan(firstRun!);
      const users = instructions.filter(({ name }) => name === 'USER').flatMap(({ words }) => words);
      expect(users.filter((user) => /^(root|0)\b/.test(user))).toEqual([]);
    }
  });

  it('copies what is there, and what .dockerignore lets through', () => {
    const allowed = read('.dockerignore')
      .split('\n')
      .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
    const copied = of('COPY')
      .filter(({ flags }) => !flags.has('from'))
      .flatMap(({ words }) => words.slice(0, -1));
    expect(copied.filter((path) => !existsSync(new URL(path, project)))).toEqual([]);
    expect([...copied].sort()).toEqual([...allowed].sort());
  });

  it('copies every folder that is built, but the examples', () => {
    const { include } = JSON.parse(read('tsconfig.build.json')) as { include: string[] };
    const folders = include.map((pattern) => pattern.split('/')[0]!).filter((folder) => folder !== 'examples');
    const copied = of('COPY').flatMap(({ words }) => words.slice(0, -1));
    expect(folders.filter((folder) => !copied.includes(folder))).toEqual([]);
    for (const folder of folders) expect(statSync(new URL(folder, project)).isDirectory()).toBe(true);
  });

  it('builds and runs on one base, pinned, of a Node that the package takes', () => {
    const [base, ...others] = new Set(stages.map((stage) => stage.base));
    expect(others).toEqual([]);
    const [, major] = /^node:(\d+)-bookworm-slim$/.exec(base!) ?? [];
    expect(Number(major)).toBeGreaterThanOrEqual(Number(/\d+/.exec(packageJson.engines.node)![0]));
  });

  it('ends as a user who has a number and is not root, with variables that processes read', () => {
    expect(image.filter(({ name }) => name === 'USER').at(-1)?.words).toEqual(['1000:1000']);
    const { NODE_ENV, ...ours } = imageVariables();
    expect(NODE_ENV).toBe('production');
    const known = variablesRead();
    expect(Object.keys(ours).filter((name) => !known.has(name))).toEqual([]);
    expect(image.find(({ name }) => name === 'EXPOSE')?.words).toEqual([ours.PORT]);
  });
});

it('docs/operations.md tells of every variable that a process reads', () => {
  const page = read('docs/operations.md');
  const told = new Set(page.match(/`[A-Z][A-Z_]+`/g));
  expect([...variablesRead()].filter((name) => !told.has(`\`${name}\``))).toEqual([]);
});

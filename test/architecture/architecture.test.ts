import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { handWrittenSources } from './sources.ts';

/** A file, and what it imports: paths from the root for our own, package names for the rest. */
interface Source {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly string[];
}

/** Import and re-export declarations begin a line; what they name stands behind `from`, or alone for side effects. */
const declaration = /^(?:import|export)\b(?:\s+type\b)?[\w\s{},*$]*?\bfrom\s+'([^']+)';|^import\s+'([^']+)';/gm;
const dynamicImport = /\bimport\('([^']+)'\)/g;

const sources: readonly Source[] = handWrittenSources().map((path) => {
  const text = readFileSync(path, 'utf8');
  return { path, text, imports: importsOf(path, text) };
});
const production = sources.filter(({ path }) => !path.endsWith('.test.ts') && !/^(test|bench|examples)\//.test(path));

function importsOf(path: string, text: string): string[] {
  const found = [...text.matchAll(declaration), ...text.matchAll(dynamicImport)].map((match) => match[1] ?? match[2]!);
  return found.map((specifier) =>
    specifier.startsWith('.') ? normalize(join(dirname(path), specifier)) : packageOf(specifier),
  );
}

function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function importing(from: (path: string) => boolean, forbidden: (target: string, path: string) => boolean): string[] {
  return production
    .filter(({ path }) => from(path))
    .flatMap(({ path, imports }) =>
      imports.filter((target) => forbidden(target, path)).map((target) => `${path} imports ${target}`),
    );
}

const isCompositionRoot = (path: string): boolean =>
  /(^|\/)main\.ts$|\.config\.ts$/.test(path) || path.startsWith('cli/');
const owners: Readonly<Record<string, string | readonly string[]>> = {
  '@grpc/grpc-js': 'runtime/grpc/',
  '@grpc/proto-loader': 'runtime/grpc/',
  '@grpc/reflection': 'runtime/grpc/',
  'grpc-health-check': 'runtime/grpc/',
  lmdb: 'adapters/lmdb/',
  ioredis: 'adapters/redis/',
  kafkajs: 'adapters/kafka/',
  pg: 'adapters/postgres/',
  '@electric-sql/pglite': 'adapters/pglite/',
  '@duckdb/node-api': 'adapters/duckdb/',
  'quickjs-emscripten-core': 'adapters/quickjs/',
  '@jitl/quickjs-wasmfile-release-sync': 'adapters/quickjs/',
  acorn: 'adapters/quickjs/',
  avsc: 'adapters/schema-registry/',
  protobufjs: ['adapters/schema-registry/', 'codegen/proto/'],
};

describe('architecture', () => {
  it('sees the sources', () => {
    expect(production.length).toBeGreaterThan(50);
    expect(production.some(({ imports }) => imports.length > 3)).toBe(true);
  });

  it('core imports only core and hashing', () => {
    const allowed = (target: string): boolean => target.startsWith('core/') || target === 'node:crypto';
    expect(
      importing(
        (path) => path.startsWith('core/'),
        (target) => !allowed(target),
      ),
    ).toEqual([]);
  });

  it('core never names a technology, a file system or a clock of its own', () => {
    const offenders = production
      .filter(({ path }) => path.startsWith('core/'))
      .filter(({ text }) => /Date\.now|new Date\(\)|Math\.random|process\.env/.test(text))
      .map(({ path }) => path);
    expect(offenders).toEqual([]);
  });

  it('an adapter imports core and its own folder, never another adapter or a layer above', () => {
    const folder = (path: string): string => path.split('/').slice(0, 2).join('/');
    // Files written atomically are everybody's; PGlite speaks PostgreSQL's SQL.
    const isShared = (from: string, target: string): boolean =>
      target === 'adapters/files' || (from === 'adapters/pglite' && target === 'adapters/postgres');
    expect(
      importing(
        (path) => path.startsWith('adapters/'),
        (target, path) =>
          /^(adapters|runtime|pipelines|gateway|subgraphs|codegen|cli)\//.test(target) &&
          folder(target) !== folder(path) &&
          !isShared(folder(path), folder(target)),
      ),
    ).toEqual([]);
  });

  it('a technology’s package is imported only by its adapter', () => {
    const misplaced = production.flatMap(({ path, imports }) =>
      imports
        .filter((target) => target in owners && ![owners[target]!].flat().some((owner) => path.startsWith(owner)))
        .map((target) => `${path} imports ${target}`),
    );
    expect(misplaced).toEqual([]);
  });

  it('a subgraph imports neither another subgraph nor an adapter', () => {
    const subgraph = (path: string): string => path.split('/').slice(0, 2).join('/');
    expect(
      importing(
        (path) => path.startsWith('subgraphs/') && !isCompositionRoot(path),
        (target, path) =>
          target.startsWith('adapters/') || (target.startsWith('subgraphs/') && subgraph(target) !== subgraph(path)),
      ),
    ).toEqual([]);
  });

  it('gateway, pipelines, runtime and codegen know no adapter', () => {
    expect(
      importing(
        (path) => /^(gateway|pipelines|runtime|codegen)\//.test(path) && !isCompositionRoot(path),
        (target) => target.startsWith('adapters/') || target.startsWith('cli/'),
      ),
    ).toEqual([]);
  });

  it('process.env is read only in composition roots', () => {
    const readers = production
      .filter(({ path, text }) => text.includes('process.env') && !isCompositionRoot(path))
      .map(({ path }) => path);
    expect(readers).toEqual([]);
  });

  it('has no import cycles', () => {
    const graph = new Map(
      production.map(({ path, imports }) => [path, imports.filter((target) => target.endsWith('.ts'))]),
    );
    const finished = new Set<string>();
    const walk = (path: string, trail: readonly string[]): string | null => {
      if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path].join(' → ');
      if (finished.has(path)) return null;
      for (const target of graph.get(path) ?? []) {
        const cycle = walk(target, [...trail, path]);
        if (cycle !== null) return cycle;
      }
      finished.add(path);
      return null;
    };
    const cycles = [...graph.keys()].map((path) => walk(path, [])).filter((cycle) => cycle !== null);
    expect(cycles).toEqual([]);
  });

  it('keeps hand-written files under 300 lines', () => {
    const long = sources
      .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
      .filter(({ lines }) => lines > 300);
    expect(long).toEqual([]);
  });

  it('names concepts, not drawers', () => {
    const drawers = sources.filter(({ path }) => /(^|\/)(utils?|helpers?|common|misc)(\.ts|\/)/.test(path));
    expect(drawers.map(({ path }) => path)).toEqual([]);
  });

  it('links signals so that they can be let go of', () => {
    // On Node 20 a signal keeps a trace of all that AbortSignal.any ever made of it.
    const made = sources.filter(({ text }) => /AbortSignal\.any\(/.test(text));
    expect(made.map(({ path }) => path)).toEqual([]);
  });

  it('switches off neither the type checker nor the linter', () => {
    // A test may expect a type error: that is how it shows that wrong definitions do not compile.
    const marks = /\bas any\b|: any\b|@ts-(ignore|nocheck)|biome-ignore/;
    const others = sources.filter(({ path }) => path !== 'test/architecture/architecture.test.ts');
    expect(others.filter(({ text }) => marks.test(text)).map(({ path }) => path)).toEqual([]);
  });
});

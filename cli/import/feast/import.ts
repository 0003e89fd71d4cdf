import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { Definitions } from '../../../core/definitions/model.ts';
import { parseDefinitions } from '../../../core/definitions/parse.ts';
import { AsofError } from '../../../core/errors/asof-error.ts';
import { compileDefinitions } from '../../../core/registry/compile.ts';
import type { ValueType } from '../../../core/values/types.ts';
import { type Registry, readRegistry } from '../../../runtime/grpc/generated/feast_registry.ts';
import { ProtoReader } from '../../../runtime/grpc/proto-reader.ts';
import { importOnDemandViews, importServices, type KnownViews } from './on-demand.ts';
import { createImportReport, type ImportNote } from './report.ts';
import { type ImportedViews, importViews } from './views.ts';

export interface FeastImport {
  readonly definitions: Definitions;
  /** What did not come over as it was. */
  readonly notes: readonly ImportNote[];
}

/**
 * The definitions of a Feast repository, from the registry that `feast apply` writes: whatever its Python does to make
 * them, Feast has done.
 *
 * @param folder the repository: where feature_store.yaml is
 * @param out where the definitions will be: paths of files are told from there
 * @throws AsofError BAD_INPUT where there is no readable registry
 */
export async function importFeast({
  folder,
  registryFile,
  out,
}: {
  readonly folder: string;
  readonly registryFile: string | null;
  readonly out: string;
}): Promise<FeastImport> {
  const file = registryFile ?? join(folder, await registryPath(folder));
  const registry = await readRegistryFile(file);
  const report = createImportReport();
  const entities = specsOf(registry.entities);
  const joinKeys = new Map(entities.map(({ name, joinKey }) => [name, joinKey]));
  const descriptions = new Map(entities.map(({ name, description }) => [name, description]));
  const pathOf = (uri: string): string => {
    if (isAbsolute(uri) || uri.includes('://')) return uri;
    return relative(dirname(resolve(out)), resolve(folder, uri)) || '.';
  };
  const imported = importViews(specsOf(registry.featureViews), { joinKeys, descriptions, pathOf, report });
  const features = typesOf(imported);
  const onDemandViews = importOnDemandViews(specsOf(registry.onDemandFeatureViews), features, report);
  for (const { name } of specsOf(registry.streamFeatureViews)) {
    report.leftOut(name, 'stream feature views transform in Spark; write theirs as an event source and aggregates');
  }
  for (const { name } of specsOf(registry.labelViews))
    report.leftOut(name, 'labels belong into the spine of a dataset here');
  const known = new Map<string, ReadonlyMap<string, unknown>>([
    ...features,
    ...onDemandViews.map((view) => [view.name, new Map(view.features.map((one) => [one.name, one]))] as const),
  ]);
  const services = importServices(specsOf(registry.featureServices), known, report);
  const definitions = parseDefinitions({ asof: 1, ...imported, onDemandViews, services, functions: [] });
  compileDefinitions(definitions);
  return { definitions, notes: report.notes };
}

function typesOf({ views, sources }: ImportedViews): KnownViews {
  const known = new Map<string, ReadonlyMap<string, ValueType['kind']>>();
  for (const { name, source, features } of views) {
    const { fields } = sources.find((one) => one.name === source)!;
    const kinds = new Map<string, ValueType['kind']>();
    for (const feature of features) {
      const field = fields.find((one) => feature.kind === 'column' && one.name === feature.column);
      kinds.set(feature.name, field!.type.kind);
    }
    known.set(name, kinds);
  }
  return known;
}

function specsOf<S>(registered: readonly { readonly spec: S | undefined }[]): readonly S[] {
  return registered.flatMap(({ spec }) => (spec === undefined ? [] : [spec]));
}

/** Where feature_store.yaml says that the registry is; Feast's default where it says nothing of a file. */
async function registryPath(folder: string): Promise<string> {
  const yaml = await readFile(join(folder, 'feature_store.yaml'), 'utf8').catch((cause: unknown) => {
    throw new AsofError(
      'BAD_INPUT',
      'this is no Feast repository',
      { path: folder, expected: 'a folder with feature_store.yaml', remedy: 'Name the folder in which you run feast.' },
      { cause },
    );
  });
  const direct = /^registry:[ \t]*["']?([^\s"'#]+)/m.exec(yaml)?.[1];
  const nested = /^registry:[ \t]*\n(?:[ \t]+.*\n)*?[ \t]+path:[ \t]*["']?([^\s"'#]+)/m.exec(`${yaml}\n`)?.[1];
  const path = direct ?? nested ?? 'data/registry.db';
  if (!path.includes('://')) return path;
  throw new AsofError('BAD_INPUT', 'the registry is not in a file', {
    path: 'feature_store.yaml: registry',
    expected: 'the path of a file',
    got: path.replace(/\/\/[^@/]*@/, '//…@'),
    remedy:
      'Copy it to a file, and name that with --registry. Of an SQL registry: set `registry: registry.db` for one `feast apply`.',
  });
}

async function readRegistryFile(file: string): Promise<Registry> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new AsofError(
      'BAD_INPUT',
      'the registry is not there',
      {
        path: file,
        expected: 'what `feast apply` writes',
        remedy: 'Run `feast apply` there first, or name the file with --registry.',
      },
      { cause },
    );
  });
  try {
    return readRegistry(new ProtoReader(bytes));
  } catch (cause) {
    throw new AsofError(
      'BAD_INPUT',
      'the registry is not readable',
      { path: file, expected: 'what `feast apply` writes' },
      { cause },
    );
  }
}

import type { EntityDefinition, FeatureViewDefinition, SourceDefinition } from '../../../core/definitions/model.ts';
import type { Field } from '../../../core/values/types.ts';
import type { DataSource, FeatureSpec, FeatureViewSpec } from '../../../runtime/grpc/generated/feast_registry.ts';
import { nameOf } from './names.ts';
import type { ImportReport } from './report.ts';
import { typeNameOf, valueTypeOf } from './value-type.ts';

export interface ImportedViews {
  readonly entities: readonly EntityDefinition[];
  readonly sources: readonly SourceDefinition[];
  readonly views: readonly FeatureViewDefinition[];
}

export interface ViewsDeps {
  /** Join key by entity. */
  readonly joinKeys: ReadonlyMap<string, string>;
  readonly descriptions: ReadonlyMap<string, string>;
  /** Where a file of the repository is, as the definitions name it. */
  readonly pathOf: (uri: string) => string;
  readonly report: ImportReport;
}

/** The entity of views without one. */
const noEntity = '__dummy';
const pushSource = 9;

type OpenSource = {
  -readonly [Part in keyof Extract<SourceDefinition, { kind: 'rows' }>]: Extract<
    SourceDefinition,
    { kind: 'rows' }
  >[Part];
};

/** Feature views, with the entities and sources that they need. */
export function importViews(specs: readonly FeatureViewSpec[], deps: ViewsDeps): ImportedViews {
  const { joinKeys, descriptions, report } = deps;
  const entities = new Map<string, EntityDefinition>();
  const sources = new Map<string, OpenSource>();
  const views: FeatureViewDefinition[] = [];

  function entityOf(spec: FeatureViewSpec): { readonly entity?: string; readonly key: Record<string, string> } | null {
    const names = spec.entities.filter((name) => name !== noEntity);
    if (names.length === 0) return { key: {} };
    const key: Field[] = [];
    for (const name of names) {
      const joinKey = joinKeys.get(name) ?? name;
      const column = spec.entityColumns.find((one) => one.name === joinKey);
      const type = column === undefined ? { kind: 'string' as const } : valueTypeOf(column.valueType);
      if (type === null) {
        report.leftOut(spec.name, `its join key ${joinKey} is ${typeNameOf(column!.valueType)}, which no key can be`);
        return null;
      }
      key.push({ name: joinKey, type });
    }
    const name = names.map((one) => nameOf(one, report)).join('_');
    const known = entities.get(name);
    if (known !== undefined && JSON.stringify(known.key) !== JSON.stringify(key)) {
      report.leftOut(spec.name, `its join keys have other types than in the views before it`);
      return null;
    }
    const description = descriptions.get(names[0]!);
    entities.set(name, { name, key, ...(description && { description }) });
    return { entity: name, key: Object.fromEntries(key.map((part) => [part.name, part.name])) };
  }

  function sourceOf(spec: FeatureViewSpec, fields: readonly Field[]): string | null {
    const isPushed = spec.streamSource?.type === pushSource;
    const given = isPushed ? spec.streamSource! : spec.batchSource;
    const batch = spec.batchSource ?? given?.batchSource;
    if (given === undefined) {
      report.leftOut(spec.name, 'it has no source');
      return null;
    }
    if (spec.streamSource !== undefined && !isPushed) {
      report.changed(spec.name, 'its stream is left out: name the topic with `stream: kafka("…")`');
    }
    const name = nameOf(given.name === '' ? `${spec.name}_source` : given.name, report);
    const known = sources.get(name);
    const all = [...(known?.fields ?? [])];
    for (const field of fields) if (!all.some((one) => one.name === field.name)) all.push(field);
    sources.set(name, {
      kind: 'rows',
      name,
      ...partsOf(spec.name, batch),
      fields: all,
      ...(isPushed && { stream: { kind: 'push' } }),
    });
    return name;
  }

  function partsOf(view: string, batch: DataSource | undefined): Partial<OpenSource> {
    if (batch === undefined) return {};
    const { fileOptions, timestampField, createdTimestampColumn } = batch;
    if (fileOptions === undefined) {
      report.changed(
        view,
        `its source '${batch.name}' is no file: export it to Parquet, or name a query with \`batch: sql("…")\``,
      );
    }
    return {
      ...(fileOptions && { batch: { kind: 'parquet', path: deps.pathOf(fileOptions.uri) } }),
      ...(timestampField !== '' && { eventTime: timestampField }),
      ...(createdTimestampColumn !== '' && { createdTime: createdTimestampColumn }),
    };
  }

  for (const spec of specs) {
    if (spec.featureTransformation !== undefined) {
      report.leftOut(spec.name, 'it transforms its source; write that as expressions of its features');
      continue;
    }
    const keyed = entityOf(spec);
    const columnOf = columnsOf(spec.batchSource);
    const chosen = spec.features.flatMap((feature) => fieldOf(spec.name, feature, report));
    if (keyed === null) continue;
    const keyFields = spec.entityColumns
      .filter(({ name }) => name in keyed.key)
      .map(({ name, valueType }): Field => ({ name, type: valueTypeOf(valueType)! }));
    const fields = [...keyFields, ...chosen.map(({ name, type }) => ({ name: columnOf(name), type }))];
    const source = sourceOf(spec, fields);
    if (source === null || chosen.length === 0) {
      if (source !== null) report.leftOut(spec.name, 'none of its features came over');
      continue;
    }
    const seconds = Number(spec.ttl?.seconds ?? 0);
    views.push({
      name: nameOf(spec.name, report),
      ...keyed,
      source,
      features: chosen.map(({ name }) => ({ name: nameOf(name, report), kind: 'column', column: columnOf(name) })),
      ...(seconds > 0 && { maxAge: `${seconds}s` }),
      ...(spec.description !== '' && { description: spec.description }),
      ...(spec.owner !== '' && { owner: spec.owner }),
      online: spec.online,
      offline: true,
    });
  }
  return { entities: [...entities.values()], sources: [...sources.values()], views };
}

/** Feast maps columns of the source to names of features. */
function columnsOf(source: DataSource | undefined): (feature: string) => string {
  const columns = new Map([...(source?.fieldMapping ?? [])].map(([column, feature]) => [feature, column]));
  return (feature) => columns.get(feature) ?? feature;
}

function fieldOf(view: string, { name, valueType, vectorLength }: FeatureSpec, report: ImportReport): Field[] {
  const type = valueTypeOf(valueType, vectorLength);
  if (type !== null) return [{ name, type }];
  report.leftOut(`${view}:${name}`, `it is ${typeNameOf(valueType)}, which has no type here`);
  return [];
}

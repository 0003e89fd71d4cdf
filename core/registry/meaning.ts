import { canonicalHash } from '../definitions/canonical-json.ts';
import { columnsRead } from '../definitions/columns-read.ts';
import { defaultMaxSteps } from '../definitions/function-limits.ts';
import type {
  EntityDefinition,
  FeatureDefinition,
  FeatureServiceDefinition,
  FeatureViewDefinition,
  OnDemandViewDefinition,
  SourceDefinition,
  UserFunctionDefinition,
  ViewReference,
} from '../definitions/model.ts';
import { parseDuration } from '../time/duration.ts';
import type { Field } from '../values/types.ts';

/** What changes values, and nothing else: the hash of it is what makes a version. */
export type Meaning = Readonly<Record<string, unknown>>;

export function entityMeaning({ name, key }: EntityDefinition): Meaning {
  return { name, key };
}

/** Descriptions and where the data lies (stream, batch) may change without changing a value. */
export function sourceMeaning(source: SourceDefinition): Meaning {
  const common = { name: source.name, kind: source.kind, fields: source.fields, ...sourceTimes(source) };
  return common;
}

function sourceTimes(source: SourceDefinition): Meaning {
  if (source.kind === 'rows') {
    const { eventTime, createdTime, deleted } = source;
    return { eventTime, createdTime, deleted };
  }
  const { eventTime, eventId, arrival, lateness, futureTolerance } = source;
  return {
    eventTime,
    eventId,
    arrival,
    lateness: parseDuration(lateness),
    futureTolerance: parseDuration(futureTolerance),
  };
}

/** Of the source only the columns that the view reads, so that a new column leaves its views as they are. */
export function viewMeaning(
  view: FeatureViewDefinition,
  entity: EntityDefinition | null,
  source: SourceDefinition,
): Meaning {
  const used = columnsUsed(view, source);
  return {
    name: view.name,
    entity: entity?.name,
    key: entity?.key.map(({ name, type }) => ({ name, type, column: view.key[name] })),
    source: {
      name: source.name,
      kind: source.kind,
      fields: source.fields.filter(({ name }) => used.has(name)).sort(byName),
      ...sourceTimes(source),
    },
    features: view.features.map(featureMeaning),
    ...viewTimes(view),
  };
}

function viewTimes(view: FeatureViewDefinition): Meaning {
  return {
    grain: parseDuration(view.grain ?? '1s'),
    delay: parseDuration(view.delay ?? '0s'),
    maxAge: view.maxAge === undefined ? undefined : parseDuration(view.maxAge),
    retention: view.retention === undefined ? undefined : parseDuration(view.retention),
    knownAt: view.knownAt ?? true,
  };
}

function byName(a: Field, b: Field): number {
  return a.name < b.name ? -1 : 1;
}

export function featureMeaning(feature: FeatureDefinition): Meaning {
  const { description: _, owner: __, tags: ___, ...meaning } = feature;
  return meaning;
}

export function onDemandMeaning(view: OnDemandViewDefinition): Meaning {
  return {
    name: view.name,
    request: view.request,
    from: view.from.map(referenceMeaning),
    features: view.features.map(({ name, expression, default: fallback }) => ({ name, expression, default: fallback })),
  };
}

export function serviceMeaning(service: FeatureServiceDefinition): Meaning {
  return { name: service.name, version: service.version, features: service.features.map(referenceMeaning) };
}

/** By the hash of its source: its text may be long. */
export function functionMeaning(one: UserFunctionDefinition): Meaning {
  const { name, version, args, returns, sourceHash, onNull, maxSteps = defaultMaxSteps } = one;
  return { name, version, args, returns, sourceHash, onNull, maxSteps };
}

function referenceMeaning(reference: ViewReference): Meaning {
  const { maxAge, ...rest } = reference;
  return { ...rest, maxAge: maxAge === undefined ? undefined : parseDuration(maxAge) };
}

export function hashOf(meaning: Meaning): string {
  return canonicalHash(meaning);
}

function columnsUsed(view: FeatureViewDefinition, source: SourceDefinition): ReadonlySet<string> {
  const used = new Set<string>(Object.values(view.key));
  if (source.kind === 'events' && source.eventId !== undefined) used.add(source.eventId);
  for (const feature of view.features) {
    for (const { column } of columnsRead(feature)) used.add(column);
  }
  return used;
}

import { literalValue } from '../expressions/literals.ts';
import { tryParseDuration } from '../time/duration.ts';
import { second, tileLevels } from '../time/windows.ts';
import type { ValueType } from '../values/types.ts';
import { type Catalog, checkName, checkUnique } from './catalog.ts';
import { featureTypes } from './feature-types.ts';
import type { FeatureViewDefinition, SourceDefinition } from './model.ts';
import type { Problems } from './problems.ts';
import { sameType, typeText } from './value-types.ts';

export function validateView(view: FeatureViewDefinition, catalog: Catalog, problems: Problems): void {
  const path = `views.${view.name}`;
  const source = catalog.find('sources', view.source, { path: `${path}.source`, problems });
  checkUnique(
    view.features.map(({ name }) => name),
    `${path}.features`,
    problems,
  );
  if (view.features.length === 0 && !catalog.isBroken('views', view.name)) {
    problems.add(`${path}.features`, 'are empty', { expected: 'at least one feature' });
  }
  for (const { name } of view.features) checkName(name, `${path}.features.${name}`, problems);
  if (source === null) return;
  validateKey({ view, source, catalog, problems });
  validateTimes(view, source.kind, problems);
  if (catalog.isBroken('sources', source.name)) return;
  const types = featureTypes(view, source, { problems, functions: catalog.functions });
  for (const feature of view.features) {
    const type = types.get(feature.name);
    if (type !== undefined) checkDefault(feature.default, type, { path: `${path}.features.${feature.name}`, problems });
    if ('window' in feature) validateWindow(feature.window, view, feature.name, problems);
  }
  if (source.kind === 'events' && view.features.length > 0 && view.features.every(({ kind }) => kind === 'derived')) {
    problems.add(`${path}.features`, 'are all derived', { expected: 'at least one aggregate over the events' });
  }
}

interface Place {
  readonly path: string;
  readonly problems: Problems;
}

export function checkDefault(value: unknown, type: ValueType, { path, problems }: Place): void {
  if (value === undefined || (value !== null && literalValue(type, value) !== undefined)) return;
  problems.add(`${path}.default`, 'does not fit the feature', {
    expected: typeText(type),
    got: JSON.stringify(value),
    ...(value === null ? { remedy: 'Leave the default out: what is absent is null already.' } : {}),
  });
}

interface KeyPlace {
  readonly view: FeatureViewDefinition;
  readonly source: SourceDefinition;
  readonly catalog: Catalog;
  readonly problems: Problems;
}

function validateKey({ view, source, catalog, problems }: KeyPlace): void {
  const path = `views.${view.name}.key`;
  if (view.entity === undefined) {
    if (Object.keys(view.key).length > 0) {
      problems.add(path, 'has join keys but the view has no entity', { remedy: 'Name the entity, or empty the key.' });
    }
    return;
  }
  const entity = catalog.find('entities', view.entity, { path: `views.${view.name}.entity`, problems });
  if (entity === null || catalog.isBroken('entities', entity.name)) return;
  const names = entity.key.map(({ name }) => name);
  for (const name of Object.keys(view.key)) {
    if (!names.includes(name)) problems.addUnknown(`${path}.${name}`, `join key of ${entity.name}`, name, names);
  }
  for (const { name, type } of entity.key) {
    const column = view.key[name];
    if (column === undefined) {
      problems.add(`${path}.${name}`, 'is missing', { expected: `the column of ${source.name} with this join key` });
      continue;
    }
    if (catalog.isBroken('sources', source.name)) continue;
    const field = source.fields.find((candidate) => candidate.name === column);
    if (field === undefined) {
      const columns = source.fields.map((candidate) => candidate.name);
      problems.addUnknown(`${path}.${name}`, 'column', column, columns);
    } else if (!sameType(field.type, type)) {
      problems.add(`${path}.${name}`, `the column "${column}" has another type than the join key`, {
        expected: typeText(type),
        got: typeText(field.type),
        remedy: `Declare both with the same type.`,
      });
    }
  }
}

const onlyAggregates = ['grain', 'delay'] as const;
const onlyRows = ['maxAge', 'knownAt'] as const;

function validateTimes(view: FeatureViewDefinition, kind: SourceDefinition['kind'], problems: Problems): void {
  const path = `views.${view.name}`;
  for (const setting of kind === 'events' ? onlyRows : onlyAggregates) {
    if (view[setting] === undefined) continue;
    problems.add(`${path}.${setting}`, `does not apply to ${kind === 'events' ? 'aggregates' : 'row views'}`, {
      remedy:
        setting === 'maxAge' ? 'Aggregates never expire: choose the window instead.' : 'Remove it from this view.',
    });
  }
  const grain = millis(view.grain);
  if (grain !== null && !tileLevels.some((level) => level === grain)) {
    problems.add(`${path}.grain`, 'is no grain', { expected: '1s, 10s, 1m, 10m, 1h, 6h or 1d', got: view.grain! });
  }
  for (const setting of ['maxAge', 'retention', 'freshness', 'expectedUpdateEvery'] as const) {
    if (millis(view[setting]) !== 0) continue;
    problems.add(`${path}.${setting}`, 'is zero', { expected: 'a duration above zero', remedy: 'Leave it out.' });
  }
  const maxAge = millis(view.maxAge);
  const retention = millis(view.retention);
  if (maxAge !== null && retention !== null && retention < maxAge) {
    problems.add(`${path}.retention`, 'is shorter than maxAge', {
      expected: `at least ${view.maxAge}`,
      got: view.retention!,
    });
  }
}

function validateWindow(window: string, view: FeatureViewDefinition, feature: string, problems: Problems): void {
  const path = `views.${view.name}.features.${feature}.window`;
  const retention = millis(view.retention);
  if (window === 'lifetime') {
    if (retention !== null) {
      problems.add(`views.${view.name}.retention`, `is shorter than the lifetime that "${feature}" needs`, {
        got: view.retention!,
        remedy: 'Remove the retention, or give the feature a window.',
      });
    }
    return;
  }
  const length = millis(window);
  if (length === null) return;
  const grain = millis(view.grain) ?? second;
  if (length < grain || length === 0 || length % second !== 0) {
    problems.add(path, 'is no window', {
      expected: `whole seconds, at least the grain (${view.grain ?? '1s'})`,
      got: window,
    });
  }
  if (retention !== null && retention < length) {
    problems.add(`views.${view.name}.retention`, `is shorter than the window of "${feature}"`, {
      expected: `at least ${window}`,
      got: view.retention!,
    });
  }
}

/** Null when absent; a duration that cannot be read was reported with the form. */
function millis(duration: string | undefined): number | null {
  return duration === undefined ? null : tryParseDuration(duration);
}

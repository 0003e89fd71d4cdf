import { canonicalJson } from '../definitions/canonical-json.ts';
import type {
  AggregateDefinition,
  EntityDefinition,
  FeatureDefinition,
  FeatureServiceDefinition,
  FeatureViewDefinition,
  OnDemandViewDefinition,
  SourceDefinition,
  UserFunctionDefinition,
} from '../definitions/model.ts';
import { aliasOf } from '../definitions/validate-references.ts';
import { typeText } from '../definitions/value-types.ts';
import { printExpression } from '../expressions/print.ts';
import type { Field } from '../values/types.ts';

/** What a change means, as sentences: "window of mean_delay_1h changed from 1h to 2h". */
type Reasons = readonly string[];

export function entityReasons(before: EntityDefinition, after: EntityDefinition): Reasons {
  const text = ({ key }: EntityDefinition) => key.map(({ name, type }) => `${name}: ${typeText(type)}`).join(', ');
  return changed('key', text(before), text(after));
}

export function sourceReasons(before: SourceDefinition, after: SourceDefinition): Reasons {
  const settings = ['kind', 'eventTime', 'eventId', 'arrival', 'lateness', 'futureTolerance', 'createdTime', 'deleted'];
  return [...settingReasons(before, after, settings), ...fieldReasons('field', before.fields, after.fields)];
}

function fieldReasons(what: string, before: readonly Field[], after: readonly Field[]): Reasons {
  return byNameReasons(what, {
    before,
    after,
    describe: (old, now) => {
      const [from, to] = [typeText(old.type), typeText(now.type)];
      return changed(`type of ${now.name}`, from, to);
    },
  });
}

export function viewReasons(before: FeatureViewDefinition, after: FeatureViewDefinition): Reasons {
  const keys = [...new Set([...Object.keys(before.key), ...Object.keys(after.key)])];
  return [
    ...settingReasons(before, after, ['entity', 'source']),
    ...keys.flatMap((key) => changed(`column of join key ${key}`, before.key[key], after.key[key])),
    ...byNameReasons('feature', { before: before.features, after: after.features, describe: featureReasons }),
    ...settingReasons(before, after, ['grain', 'delay', 'maxAge', 'retention', 'knownAt']),
  ];
}

function featureReasons(before: FeatureDefinition, after: FeatureDefinition): Reasons {
  const window = (feature: FeatureDefinition) => ('window' in feature ? feature.window : undefined);
  return [
    ...changed(`window of ${after.name}`, window(before), window(after)),
    ...changed(after.name, printFeature(before), printFeature(after)),
    ...changed(`default of ${after.name}`, json(before.default), json(after.default)),
  ];
}

function printFeature(feature: FeatureDefinition): string {
  switch (feature.kind) {
    case 'column':
      return feature.column;
    case 'aggregate':
      return printAggregate(feature.aggregate);
    case 'ratio':
      return `${printAggregate(feature.numerator)} / ${printAggregate(feature.denominator)}`;
    case 'derived':
      return printExpression(feature.expression);
  }
}

function printAggregate(aggregate: AggregateDefinition): string {
  const { function: name, input, where, by, ...parameters } = aggregate;
  const args = [
    ...(input === undefined ? [] : [printExpression(input)]),
    ...Object.entries(parameters).map(([parameter, value]) => `${parameter}: ${JSON.stringify(value)}`),
  ];
  const condition = where === undefined ? '' : ` where ${printExpression(where)}`;
  const category = by === undefined ? '' : ` by ${printExpression(by.expression)} (cap ${by.cap})`;
  return `${name}(${args.join(', ')})${condition}${category}`;
}

export function onDemandReasons(before: OnDemandViewDefinition, after: OnDemandViewDefinition): Reasons {
  return [
    ...byNameReasons('request input', {
      before: before.request,
      after: after.request,
      describe: (old, now) => changed(`type of ${now.name}`, typeText(old.type), typeText(now.type)),
    }),
    ...changed('from', json(before.from), json(after.from)),
    ...byNameReasons('feature', {
      before: before.features,
      after: after.features,
      describe: (old, now) => [
        ...changed(now.name, printExpression(old.expression), printExpression(now.expression)),
        ...changed(`default of ${now.name}`, json(old.default), json(now.default)),
      ],
    }),
  ];
}

export function serviceReasons(before: FeatureServiceDefinition, after: FeatureServiceDefinition): Reasons {
  const named = (service: FeatureServiceDefinition) =>
    service.features.map((reference) => ({ name: aliasOf(reference), reference }));
  return byNameReasons('member', {
    before: named(before),
    after: named(after),
    describe: (old, now) => changed(now.name, json(old.reference), json(now.reference)),
  });
}

export function functionReasons(before: UserFunctionDefinition, after: UserFunctionDefinition): Reasons {
  return [
    ...fieldReasons('argument', before.args, after.args),
    ...changed('returns', typeText(before.returns), typeText(after.returns)),
    ...settingReasons(before, after, ['onNull', 'maxSteps']),
    ...(before.source === after.source ? [] : ['the source changed']),
  ];
}

/** What changed without changing a value: descriptions, owners, locations, switches. */
export function updateReasons(before: object, after: object): Reasons {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => name !== 'features');
  const reasons = settingReasons(before, after, names);
  return reasons.length > 0 ? reasons : ['descriptions of features changed'];
}

function settingReasons(before: object, after: object, settings: readonly string[]): Reasons {
  const [old, now] = [before, after] as readonly Readonly<Record<string, unknown>>[];
  return settings.flatMap((setting) => changed(setting, plain(old![setting]), plain(now![setting])));
}

interface Named {
  readonly name: string;
}

interface ByName<T extends Named> {
  readonly before: readonly T[];
  readonly after: readonly T[];
  describe(before: T, after: T): Reasons;
}

function byNameReasons<T extends Named>(what: string, { before, after, describe }: ByName<T>): Reasons {
  const reasons: string[] = [];
  for (const old of before)
    if (!after.some(({ name }) => name === old.name)) reasons.push(`${what} ${old.name} was removed`);
  for (const now of after) {
    const old = before.find(({ name }) => name === now.name);
    reasons.push(...(old === undefined ? [`${what} ${now.name} was added`] : describe(old, now)));
  }
  const order = (members: readonly T[]) => members.map(({ name }) => name).join();
  const isReordered = reasons.length === 0 && order(before) !== order(after);
  return isReordered ? [`${what}s were reordered`] : reasons;
}

function changed(what: string, before: string | undefined, after: string | undefined): Reasons {
  if (before === after) return [];
  return [`${what} changed from ${before ?? 'none'} to ${after ?? 'none'}`];
}

function plain(value: unknown): string | undefined {
  return typeof value === 'string' ? value : json(value);
}

function json(value: unknown): string | undefined {
  return value === undefined ? undefined : canonicalJson(value);
}

import type {
  Expression,
  FeatureServiceDefinition,
  OnDemandViewDefinition,
  ViewReference,
} from '../../../core/definitions/model.ts';
import type { Field, ValueType } from '../../../core/values/types.ts';
import type {
  FeatureServiceSpec,
  FeatureViewProjection,
  OnDemandFeatureViewSpec,
} from '../../../runtime/grpc/generated/feast_registry.ts';
import { nameOf } from './names.ts';
import { type InputOf, translatePandas } from './pandas.ts';
import type { ImportReport } from './report.ts';
import { typeNameOf, valueTypeOf } from './value-type.ts';

/** What came over before: features with their types, by view. */
export type KnownViews = ReadonlyMap<string, ReadonlyMap<string, ValueType['kind']>>;

/** Request-time views whose function can be told as expressions, output by output. */
export function importOnDemandViews(
  specs: readonly OnDemandFeatureViewSpec[],
  known: KnownViews,
  report: ImportReport,
): readonly OnDemandViewDefinition[] {
  return specs.flatMap((spec): OnDemandViewDefinition[] => {
    const { request, from, inputOf } = sourcesOf(spec, known, report);
    const body = (spec.featureTransformation?.userDefinedFunction ?? spec.userDefinedFunction)?.bodyText ?? '';
    const outputs = translatePandas(body, inputOf);
    const features = spec.features.flatMap(({ name, valueType, description }) => {
      const found = outputs.get(name) ?? { why: 'its function does not assign it in a line of its own' };
      if ('expression' in found) {
        const expression = asDeclared(found.expression, typeNameOf(valueType));
        return [{ name: nameOf(name, report), expression, ...(description !== '' && { description }) }];
      }
      report.leftOut(`${spec.name}:${name}`, found.why);
      return [];
    });
    if (features.length === 0) {
      report.leftOut(spec.name, 'none of its features came over');
      return [];
    }
    const described = {
      ...(spec.description !== '' && { description: spec.description }),
      ...(spec.owner !== '' && { owner: spec.owner }),
    };
    return [{ name: nameOf(spec.name, report), request, from, features, ...described }];
  });
}

/** Python divides whole numbers to fractions, and pandas stores what it is given as what is declared. */
function asDeclared(expression: Expression, type: string): Expression {
  return type === 'DOUBLE' || type === 'FLOAT' ? { op: 'toFloat64', args: [expression] } : expression;
}

function sourcesOf({ name, sources }: OnDemandFeatureViewSpec, known: KnownViews, report: ImportReport) {
  const request: Field[] = [];
  const from: ViewReference[] = [];
  for (const { requestDataSource, featureView, featureViewProjection } of sources.values()) {
    for (const field of requestDataSource?.requestDataOptions?.schema ?? []) {
      const type = valueTypeOf(field.valueType);
      if (type !== null) request.push({ name: field.name, type });
      else report.leftOut(`${name}:${field.name}`, `it is ${typeNameOf(field.valueType)}, which has no type here`);
    }
    const view = featureViewProjection?.featureViewName ?? featureView?.spec?.name;
    if (view !== undefined && known.has(ours(view))) from.push({ view: ours(view) });
  }
  const inputOf: InputOf = (column) => {
    const field = request.find(({ name: own }) => own === column);
    if (field !== undefined) return { kind: field.type.kind, expression: { op: 'request', name: column } };
    const feature = ours(column);
    const view = from.find((one) => known.get(one.view)!.has(feature))?.view;
    if (view === undefined) return null;
    return { kind: known.get(view)!.get(feature)!, expression: { op: 'feature', view, feature } };
  };
  return { request, from, inputOf };
}

/** Whoever is named here has been told of already. */
function ours(name: string): string {
  return nameOf(name, { notes: [], leftOut: () => {}, changed: () => {} });
}

/** Services of what came over; the version is the first, for Feast has none. */
export function importServices(
  specs: readonly FeatureServiceSpec[],
  known: ReadonlyMap<string, ReadonlyMap<string, unknown>>,
  report: ImportReport,
): readonly FeatureServiceDefinition[] {
  return specs.flatMap((spec): FeatureServiceDefinition[] => {
    const features = spec.features.flatMap((projection) => referenceTo(spec.name, projection, known, report));
    if (features.length === 0) {
      report.leftOut(spec.name, 'nothing that it names came over');
      return [];
    }
    const described = {
      ...(spec.description !== '' && { description: spec.description }),
      ...(spec.owner !== '' && { owner: spec.owner }),
    };
    return [{ name: nameOf(spec.name, report), version: 1, features, ...described }];
  });
}

function referenceTo(
  service: string,
  { featureViewName, featureColumns, featureViewNameAlias, joinKeyMap }: FeatureViewProjection,
  known: ReadonlyMap<string, ReadonlyMap<string, unknown>>,
  report: ImportReport,
): ViewReference[] {
  const view = ours(featureViewName);
  const features = known.get(view);
  const chosen = featureColumns.map(({ name }) => ours(name)).filter((name) => features?.has(name) === true);
  if (features === undefined || chosen.length === 0) {
    report.changed(service, `is without ${featureViewName}, which did not come over`);
    return [];
  }
  return [
    {
      view,
      ...(featureViewNameAlias !== '' && { alias: nameOf(featureViewNameAlias, report) }),
      ...(chosen.length < features.size && { features: chosen }),
      ...(joinKeyMap.size > 0 && { joinOn: Object.fromEntries(joinKeyMap) }),
    },
  ];
}

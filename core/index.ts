export {
  approxCountDistinct,
  approxQuantile,
  avg,
  bottomK,
  count,
  countDistinct,
  countRows,
  first,
  firstN,
  histogram,
  last,
  lastN,
  max,
  min,
  ratio,
  stddev,
  stddevPop,
  sum,
  topK,
  variance,
  variancePop,
} from './definitions/builders/aggregate.ts';
export { type Entity, entity } from './definitions/builders/entity.ts';
export { type OnDemandHandle, onDemandView } from './definitions/builders/on-demand.ts';
export { type FeatureService, featureService } from './definitions/builders/service.ts';
export {
  csv,
  type EventSource,
  eventSource,
  kafka,
  ndjson,
  parquet,
  push,
  type RowSource,
  rowSource,
  sql,
} from './definitions/builders/source.ts';
export { type UserFunction, userFunction } from './definitions/builders/user-function.ts';
export { featureView, type ViewHandle } from './definitions/builders/view.ts';
export type { Definitions } from './definitions/model.ts';
export { t } from './definitions/value-types.ts';
export { AsofError } from './errors/asof-error.ts';
export { col, type ExpressionBuilder, feature, lit, request } from './expressions/builder.ts';
export { when } from './expressions/case-builder.ts';
export * as fn from './expressions/fn.ts';
export type { DurationText } from './time/duration.ts';

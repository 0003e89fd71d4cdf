import type { CompiledFeature } from '../../../core/definitions/compiled.ts';
import { AsofError } from '../../../core/errors/asof-error.ts';
import { powerOfTen } from '../../../core/values/decimal.ts';
import type { ValueType } from '../../../core/values/types.ts';
import { varianceFunction } from '../exact-functions.ts';
import { sqlTypeOf } from '../sql-type-names.ts';
import { scaleOf } from './events.ts';
import { frameColumn } from './frames.ts';
import { kernelColumn, needsKernel } from './kernel-inputs.ts';
import { noKey } from './keys.ts';
import type { AggregatePlan } from './plan.ts';

/** A feature's value over its window from `totals`, `frames` and the ends; NULL where the key has a NULL part. */
export function featureSql(plan: AggregatePlan, feature: CompiledFeature): string {
  if (!('windowMillis' in feature)) throw new TypeError(`${feature.name} is no aggregate`);
  const window = plan.windows.indexOf(feature.windowMillis);
  const value =
    feature.kind === 'aggregate'
      ? accumulatorSql(plan, feature.accumulator, window)
      : ratioSql(plan, feature.numerator, feature.denominator, window);
  return `CASE WHEN kid <> ${noKey} THEN CAST(${value} AS ${sqlTypeOf(feature.type)}) END`;
}

function ratioSql(plan: AggregatePlan, numerator: number, denominator: number, window: number): string {
  const above = doubleOfValue(plan, numerator, window);
  const below = doubleOfValue(plan, denominator, window);
  return finiteSql(`${above} / nullif(${below}, 0)`);
}

function doubleOfValue(plan: AggregatePlan, accumulator: number, window: number): string {
  const value = accumulatorSql(plan, accumulator, window);
  const { type, definition } = plan.member.view.accumulators[accumulator]!;
  if (type.kind === 'float64') return value;
  if (type.kind === 'decimal') return `CAST(CAST(${value} AS VARCHAR) AS DOUBLE)`;
  if (['count', 'countRows'].includes(definition.function)) return countSql(value);
  return doubleSql(value);
}

function accumulatorSql(plan: AggregatePlan, accumulator: number, window: number): string {
  const { definition, input, type } = plan.member.view.accumulators[accumulator]!;
  if (needsKernel(plan.member.view.accumulators[accumulator]!)) return kernelColumn(accumulator, window);
  const slot = plan.slots.slotOf[accumulator]!;
  const place = `${slot}_${window}`;
  const count = `cn_${place}`;
  const frame = frameColumn(accumulator, window);
  const isFloat = input?.type.kind === 'float64';
  switch (definition.function) {
    case 'countRows':
    case 'count':
      return count;
    case 'sum':
      if (isFloat) return `CASE WHEN ${count} > 0 THEN ${finiteSql(frame)} END`;
      return `CASE WHEN ${count} > 0 THEN ${exactSql(`cs_${place}`, type)} END`;
    case 'avg':
      if (isFloat) return `CASE WHEN ${count} > 0 THEN ${finiteSql(`${frame} / ${countSql(count)}`)} END`;
      return `CASE WHEN ${count} > 0 THEN ${averageSql(`cs_${place}`, count, input!.type)} END`;
    case 'min':
    case 'max':
      return frame;
    case 'last':
      return `CASE WHEN top_${slot} > low_${place} THEN last_${slot} END`;
    case 'first':
      return `CASE WHEN top_${slot} > low_${place} THEN first_${place} END`;
    case 'varSamp':
    case 'varPop':
    case 'stddevSamp':
    case 'stddevPop': {
      const state = [count, `CAST(cs_${place} AS HUGEINT)`, `CAST(cq_${place} AS HUGEINT)`].join(', ');
      return `${varianceFunction(definition.function, scaleOf(input!.type) ?? 0)}(${state})`;
    }
    default:
      throw new AsofError('INTERNAL', `${definition.function} has no SQL`);
  }
}

/** double(S) / double(n·10^s). */
function averageSql(sum: string, count: string, type: ValueType): string {
  const scale = type.kind === 'decimal' ? type.scale : 0;
  const divisor = scale === 0 ? countSql(count) : doubleSql(`(CAST(${count} AS HUGEINT) * ${powerOfTen(scale)})`);
  return `${doubleSql(sum)} / ${divisor}`;
}

/** A number of events as a double: none reaches 2^53. */
function countSql(count: string): string {
  return `CAST(${count} AS DOUBLE)`;
}

/** Units of 10^-s as the exact type of the value; NULL outside of it. */
function exactSql(units: string, type: ValueType): string {
  if (type.kind !== 'decimal') return `TRY_CAST(${units} AS BIGINT)`;
  const whole = `TRY_CAST(${units} AS DECIMAL(38, 0))`;
  if (type.scale === 0) return whole;
  const unit = `0.${'1'.padStart(type.scale, '0')}`;
  return `${whole} * CAST('${unit}' AS DECIMAL(${type.scale}, ${type.scale}))`;
}

/**
 * An exact integer rounded once to the nearest even double. DuckDB's own cast rounds differently beyond 2^53; reading
 * the digits as a number rounds right.
 */
export function doubleSql(value: string): string {
  const limit = 2n ** 53n;
  return `(CASE WHEN ${value} BETWEEN -${limit} AND ${limit} THEN CAST(${value} AS DOUBLE) ELSE CAST(CAST(${value} AS VARCHAR) AS DOUBLE) END)`;
}

/** NULL for NaN and the infinities; −0 is 0. */
function finiteSql(value: string): string {
  return `(CASE WHEN isfinite(${value}) THEN ${value} + 0.0 END)`;
}

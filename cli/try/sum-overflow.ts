import type { Accumulator, CompiledFeature, CompiledView, SourceRecord } from '../../core/definitions/compiled.ts';
import { aggregateOver } from '../../core/oracle/aggregate.ts';
import { countingEvents, recordsOfKey } from '../../core/oracle/counting.ts';
import { eventIdType } from '../../core/records/normalize.ts';
import { windowEnd, windowStart } from '../../core/time/windows.ts';
import { valueToDouble } from '../../core/values/integers.ts';
import type { Value } from '../../core/values/types.ts';
import type { QuestionRow, TryQuestion } from './question.ts';

/**
 * Sums and averages that are NULL because their type does not hold them, by the question's row. No executor tells them
 * from a NULL over nothing, so the reference is asked, where a sum of all rows could be that large at all.
 */
export function sumOverflows({ members, histories, rows, mode }: TryQuestion): string[] {
  return members.flatMap(({ alias, view }, member) => {
    const { records } = histories.get(view.source)!;
    const suspects = suspectsOf(view, records);
    if (suspects.length === 0) return [];
    return rows.flatMap((row) => {
      const events = countingEvents(view, recordsOfKey(view, records, row.keys[member]!), { ...row, mode });
      return suspects
        .filter(({ windowMillis, sums }) => {
          const inWindow = eventsInWindow(view, events, { row, windowMillis });
          return sums.some((accumulator) => overflows(view, accumulator, inWindow));
        })
        .map(({ name }) => `${row.place}, ${alias}.${name}: a sum is NULL: beyond what its type holds`);
    });
  });
}

/** A feature whose sums might be beyond their type. */
interface Suspect {
  readonly name: string;
  readonly windowMillis: number | null;
  readonly sums: readonly Accumulator[];
}

function suspectsOf(view: CompiledView, records: readonly SourceRecord[]): Suspect[] {
  const large = new Set(view.accumulators.filter((accumulator) => isLarge(accumulator, records)));
  return view.features.flatMap((feature) => {
    if (!('windowMillis' in feature)) return [];
    const sums = accumulatorsOf(feature).map((index) => view.accumulators[index]!);
    const suspected = sums.filter((accumulator) => large.has(accumulator));
    const { name, windowMillis } = feature;
    return suspected.length === 0 ? [] : [{ name, windowMillis, sums: suspected }];
  });
}

function accumulatorsOf(feature: Extract<CompiledFeature, { readonly windowMillis: number | null }>): number[] {
  return feature.kind === 'aggregate' ? [feature.accumulator] : [feature.numerator, feature.denominator];
}

/** Whether the inputs of all rows add up, whatever their signs, to what might be too much. */
function isLarge({ definition, input }: Accumulator, records: readonly SourceRecord[]): boolean {
  if (input === null || (definition.function !== 'sum' && definition.function !== 'avg')) return false;
  const { type } = input;
  const limit =
    type.kind === 'decimal'
      ? 10 ** (38 - type.scale)
      : type.kind === 'int32' || type.kind === 'int64'
        ? 2 ** 63
        : Number.MAX_VALUE;
  const total = records.reduce((sum, { values }) => sum + magnitude(input.evaluate(values)), 0);
  // Doubles that are added are a little off.
  return total > limit * 0.99;
}

function magnitude(value: Value): number {
  if (value === null) return 0;
  if (Array.isArray(value)) return Math.max(0, ...value.map(magnitude));
  return Math.abs(valueToDouble(value));
}

function eventsInWindow(
  { delayMillis, grainMillis }: CompiledView,
  events: readonly SourceRecord[],
  { row, windowMillis }: { readonly row: QuestionRow; readonly windowMillis: number | null },
): SourceRecord[] {
  const end = windowEnd(row.time, delayMillis, grainMillis);
  const start = windowMillis === null ? Number.NEGATIVE_INFINITY : windowStart(end, windowMillis, grainMillis);
  return events.filter(({ eventTime }) => eventTime >= start && eventTime < end);
}

/** NULL over inputs that are there; in a map, for one of its categories. */
function overflows(view: CompiledView, accumulator: Accumulator, events: readonly SourceRecord[]): boolean {
  const idType = eventIdType(view.source);
  const counter: Accumulator = { ...accumulator, definition: { ...accumulator.definition, function: 'count' } };
  const sum = aggregateOver(accumulator, events, idType);
  const count = aggregateOver(counter, events, idType);
  if (!(sum instanceof Map) || !(count instanceof Map)) return sum === null && typeof count === 'number' && count > 0;
  return [...sum].some(([category, value]) => value === null && count.get(category) > 0);
}

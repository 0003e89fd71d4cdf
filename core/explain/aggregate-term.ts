import type { Accumulator, CompiledView, SourceRecord } from '../definitions/compiled.ts';
import { typeText } from '../definitions/value-types.ts';
import { aggregateOver } from '../oracle/aggregate.ts';
import { canonicalText } from '../oracle/distinct.ts';
import { units } from '../oracle/order.ts';
import { eventIdType } from '../records/normalize.ts';
import { toJson } from '../values/json.ts';
import type { Value } from '../values/types.ts';
import { type CountedEvent, decisiveEvents } from './decisive.ts';
import { columnsRead, describeExpression, describeRecord, placeText, stepsOf } from './describe-record.ts';
import { type AggregateTerm, type EventOutcome, type ExplainedRecord, eventOutcomes } from './explanation.ts';
import type { JudgedEvent } from './judge-events.ts';
import { groupByOutcome } from './record-groups.ts';

export interface ExplainedTerm {
  readonly term: AggregateTerm;
  readonly value: Value;
  readonly counted: readonly CountedEvent[];
}

export interface TermPlace {
  readonly view: CompiledView;
  readonly accumulator: Accumulator;
  readonly role: AggregateTerm['role'];
  readonly tiles: AggregateTerm['tiles'];
}

/** One aggregate over the events of its window: `where`, then `by`, then the input decide what each of them adds. */
export function explainTerm(place: TermPlace, judged: readonly JudgedEvent[], limit: number): ExplainedTerm {
  const { view, accumulator, role, tiles } = place;
  const { definition, input, where, by, type } = accumulator;
  const fates = judged.map((one) => fateOf(accumulator, one));
  const counted = fates.flatMap(({ event, outcome, x, category }): CountedEvent[] =>
    outcome === 'counted' ? [{ event, x, category: category ?? null }] : [],
  );
  const inWindow = judged.flatMap(({ event, outcome }) => (outcome === null ? [event] : []));
  const idType = eventIdType(view.source);
  const value = aggregateOver(accumulator, inWindow, idType);
  const decisive = decisiveEvents(accumulator, counted, idType);
  const columns = columnsRead([input, where, by]);
  const { k, cap, q, edges, categories } = definition;
  const term: AggregateTerm = {
    role,
    function: definition.function,
    parameters: {
      ...(k !== undefined && { k }),
      ...(cap !== undefined && { cap }),
      ...(q !== undefined && { q }),
      ...(edges !== undefined && { edges }),
      ...(categories !== undefined && { categories }),
    },
    input: input && describeExpression(input),
    where: where && describeExpression(where),
    by: by && { ...describeExpression(by), cap: definition.by?.cap ?? 0 },
    type: typeText(type),
    value: toJson(type, value),
    tiles,
    events: groupByOutcome(
      eventOutcomes,
      fates.map((fate) => ({
        outcome: fate.outcome,
        isDecisive: decisive.has(fate.event),
        describe: () => describeFate(place, fate, columns, decisive.has(fate.event)),
      })),
      limit,
    ),
  };
  return { term, value, counted };
}

/** What an event adds to one aggregate. The fields that no rule came to are undefined. */
interface Fate {
  readonly event: SourceRecord;
  readonly outcome: EventOutcome;
  readonly duplicateOf: SourceRecord | null;
  readonly where?: Value;
  readonly category?: string | null;
  readonly x: Value;
}

function fateOf({ definition, input, where, by }: Accumulator, judged: JudgedEvent): Fate {
  const { event, outcome, duplicateOf } = judged;
  const common = { event, duplicateOf, x: null };
  if (outcome !== null) return { ...common, outcome };
  const passes = where === null ? {} : { where: where.evaluate(event.values) };
  if ('where' in passes && passes.where !== true) return { ...common, ...passes, outcome: 'filtered' };
  const found = by === null ? null : by.evaluate(event.values);
  const category = by === null ? {} : { category: found === null ? null : canonicalText(by.type, found) };
  if (by !== null && found === null) return { ...common, ...passes, ...category, outcome: 'noCategory' };
  const x = input === null ? true : input.evaluate(event.values);
  const kept: EventOutcome =
    x === null ? 'nullInput' : isTooLarge(definition.function, x) ? 'tooLargeInput' : 'counted';
  return { ...common, ...passes, ...category, x, outcome: kept };
}

const varianceLimit = 2n ** 48n;

/** Variances take inputs of 2⁴⁸ units and more as NULL. */
function isTooLarge(name: Accumulator['definition']['function'], x: Value): boolean {
  if (!/^(var|stddev)/.test(name)) return false;
  const size = units(x);
  return size >= varianceLimit || size <= -varianceLimit;
}

function describeFate(
  { view, accumulator }: TermPlace,
  { event, duplicateOf, where, category, x, outcome }: Fate,
  columns: readonly number[],
  isDecisive: boolean,
): ExplainedRecord {
  const { input } = accumulator;
  const hasInput = input !== null && ['counted', 'nullInput', 'tooLargeInput'].includes(outcome);
  const steps = {
    where: where === undefined ? undefined : stepsOf(accumulator.where, event),
    by: category === undefined ? undefined : stepsOf(accumulator.by, event),
    input: hasInput ? stepsOf(input, event) : undefined,
  };
  const known = Object.entries(steps).filter(([, step]) => step !== undefined);
  return {
    ...describeRecord(view.source, event, columns),
    ...(duplicateOf && { duplicateOf: placeText(duplicateOf) }),
    ...(where !== undefined && { where: where as boolean | null }),
    ...(category !== undefined && { category }),
    ...(hasInput && { input: toJson(input.type, x) }),
    ...(isDecisive && { decisive: true as const }),
    ...(known.length > 0 && { steps: Object.fromEntries(known) }),
  };
}

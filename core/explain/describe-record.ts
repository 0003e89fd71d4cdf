import type { CompiledExpression, CompiledSource, SourceRecord } from '../definitions/compiled.ts';
import { typeText } from '../definitions/value-types.ts';
import { printExpression } from '../expressions/print.ts';
import { type ExpressionStep, expressionSteps } from '../expressions/steps.ts';
import type { TypedExpression } from '../expressions/typed.ts';
import { eventIdType } from '../records/normalize.ts';
import { formatInstant, toJson } from '../values/json.ts';
import type { Instant } from '../values/types.ts';
import type { ExplainedExpression, ExplainedRecord, ExplainedStep, RecordPlaceText } from './explanation.ts';

export function placeText({ origin, partition, offset }: SourceRecord): RecordPlaceText {
  return `${origin}/${partition}/${offset}`;
}

/** null for the ends of time. */
export function instantText(instant: Instant): string | null {
  return Number.isFinite(instant) ? formatInstant(instant) : null;
}

/** What every record shows: where and when it is from, and some of its columns, by their index. */
export function describeRecord(
  source: CompiledSource,
  record: SourceRecord,
  columns: readonly number[],
): ExplainedRecord {
  const idType = eventIdType(source);
  return {
    place: placeText(record),
    eventTime: formatInstant(record.eventTime),
    knownTime: instantText(record.knownTime),
    ...(idType === null ? {} : { id: toJson(idType, record.eventId) }),
    ...(source.kind === 'rows' ? { deleted: record.deleted } : {}),
    columns: Object.fromEntries(
      columns.map((column) => {
        const { name, type } = source.fields[column]!;
        return [name, toJson(type, record.values[column]!)];
      }),
    ),
  };
}

/** The columns that expressions read, each once. */
export function columnsRead(expressions: readonly (CompiledExpression | null)[]): readonly number[] {
  const columns = new Set<number>();
  const walk = (node: TypedExpression): void => {
    if (node.kind === 'input') columns.add(node.column);
    if ('args' in node) node.args.forEach(walk);
  };
  for (const expression of expressions) if (expression !== null) walk(expression.typed);
  return [...columns];
}

export function describeExpression(expression: CompiledExpression): ExplainedExpression {
  return { text: printExpression(expression.tree), type: typeText(expression.type) };
}

/** Every step of an expression that has some; undefined for a plain column or a constant. */
export function stepsOf(expression: CompiledExpression | null, record: SourceRecord): ExplainedStep | undefined {
  if (expression === null || !('args' in expression.typed)) return undefined;
  return describeStep(expressionSteps(expression, record.values));
}

export function describeStep({ op, text, type, value, args }: ExpressionStep): ExplainedStep {
  return {
    op,
    text,
    type: typeText(type),
    value: toJson(type, value),
    ...(args.length === 0 ? {} : { args: args.map(describeStep) }),
  };
}

import type { CompiledExpression, CompiledView, SourceRecord, ViewReading } from '../../core/definitions/compiled.ts';
import { type ExpressionAnomaly, expressionAnomalies } from '../../core/expressions/anomalies.ts';
import { evaluateOnDemand } from '../../core/on-demand/evaluate.ts';
import { expressionsOfView } from '../../core/registry/placed-expressions.ts';
import type { Value } from '../../core/values/types.ts';
import type { SourceHistory } from './history.ts';
import type { TryPlan } from './plan.ts';
import { requestValue, type SpineRow } from './spine.ts';

const anomalyText: Readonly<Record<ExpressionAnomaly, string>> = {
  overflow: 'beyond what its type holds',
  notFinite: 'not a finite number',
  unreadable: 'text that is no value of its type',
};

/**
 * What `where`, `by` and inputs of a view's aggregates made NULL, by the row. They are computed once more for it: no
 * executor says of which row it counted an anomaly, and DuckDB counts none in what it computes as SQL.
 */
export function rowAnomalies(view: CompiledView, { records, rowPlaces }: SourceHistory): string[] {
  const ofAggregates = expressionsOfView(view).filter(({ accumulator }) => accumulator !== null);
  return view.accumulators.flatMap((accumulator) => {
    const placed = ofAggregates.filter((one) => one.accumulator === accumulator);
    return records.flatMap((record) => {
      const told: string[] = [];
      for (const { role, feature, expression } of placed) {
        const { value, anomalies } = evaluated(expression, record.values);
        const place = `${rowPlaces.get(record)}, ${role} of ${view.name}.${feature}`;
        told.push(...anomalies.map((anomaly) => `${place}: a value is NULL: ${anomalyText[anomaly]}`));
        // What is filtered out goes into nothing else.
        if (role === 'where' && value !== true) break;
      }
      return told;
    });
  });
}

/** What an executor counted in derived features: it does not say of which row. */
export function derivedAnomalies(view: CompiledView): string[] {
  return expressionsOfView(view)
    .filter(({ role }) => role === null)
    .flatMap(({ feature, expression: { anomalies } }) =>
      expressionAnomalies
        .filter((anomaly) => anomalies[anomaly] > 0)
        .map((anomaly) => `${view.name}.${feature}: a value is NULL: ${anomalyText[anomaly]}`),
    );
}

/** What request-time features made NULL, by the spine's row. */
export function requestTimeAnomalies(
  { onDemand, reads }: TryPlan,
  row: SpineRow,
  readings: readonly ViewReading[],
): string[] {
  return onDemand.flatMap(({ service, inputs }) => {
    const request = inputs.map((input) => requestValue(row, input));
    const used = service.members.map((member) => readings[reads.indexOf(member)]!);
    const features = service.onDemand.flatMap(({ view }) =>
      view.features.map(({ name, expression }) => ({ name: `${view.name}.${name}`, expression })),
    );
    const before = features.map(({ expression }) => ({ ...expression.anomalies }));
    evaluateOnDemand(service, used, request);
    return features.flatMap(({ name, expression }, index) =>
      expressionAnomalies
        .filter((anomaly) => expression.anomalies[anomaly] > before[index]![anomaly])
        .map((anomaly) => `${row.input.place}, ${name}: a value is NULL: ${anomalyText[anomaly]}`),
    );
  });
}

function evaluated(expression: CompiledExpression, row: SourceRecord['values']): Evaluated {
  const before = { ...expression.anomalies };
  const value = expression.evaluate(row);
  return { value, anomalies: expressionAnomalies.filter((anomaly) => expression.anomalies[anomaly] > before[anomaly]) };
}

interface Evaluated {
  readonly value: Value;
  readonly anomalies: readonly ExpressionAnomaly[];
}

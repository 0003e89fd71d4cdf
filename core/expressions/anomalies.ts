/**
 * Why a result became NULL though every argument had a value:
 * overflow = outside the bounds of its type; notFinite = NaN or ±Infinity; unreadable = text that is no value of the type.
 */
export const expressionAnomalies = ['overflow', 'notFinite', 'unreadable'] as const;
export type ExpressionAnomaly = (typeof expressionAnomalies)[number];

/** How often each happened since the expression was compiled. */
export type AnomalyCounts = Record<ExpressionAnomaly, number>;

export function noAnomalies(): AnomalyCounts {
  return { overflow: 0, notFinite: 0, unreadable: 0 };
}

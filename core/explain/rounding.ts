import type { Value } from '../values/types.ts';
import type { ExplainedTerm } from './aggregate-term.ts';

/** Of what is computed from sums of doubles by further operations, relative. */
const relativeRounding = 1e-9;

/** The rounding of a value that was computed from another that is only known up to `tolerance`. */
export function carriedRounding(tolerance: number, value: Value): number {
  return tolerance === 0 || typeof value !== 'number' ? 0 : Math.abs(value) * relativeRounding;
}

/**
 * How far two executors may be apart that add the same doubles in different orders: 2·n·2⁻⁵³·Σ|x| for a sum, an n-th of
 * it for an average (SEMANTICS.md, section 5); of vectors that of the element with the greatest. 0 for all others.
 */
export function roundingOf(terms: readonly ExplainedTerm[], value: Value): number {
  const tolerances = terms.map(termRounding);
  return tolerances.length === 1 ? tolerances[0]! : carriedRounding(Math.max(...tolerances), value);
}

function termRounding({ term, counted }: ExplainedTerm): number {
  const isFloating = term.input !== null && /^(float64|vector)/.test(term.input.type);
  if (!isFloating || counted.length === 0 || (term.function !== 'sum' && term.function !== 'avg')) return 0;
  const sizes = [0];
  for (const { x } of counted) {
    const elements = Array.isArray(x) ? (x as readonly number[]) : [x as number];
    elements.forEach((element, index) => {
      sizes[index] = (sizes[index] ?? 0) + Math.abs(element);
    });
  }
  const ofSum = 2 * counted.length * 2 ** -53 * Math.max(...sizes);
  return term.function === 'sum' ? ofSum : ofSum / counted.length;
}

import type { TryAnswer } from '../../cli/try/evaluate.ts';

/** Where two executors' answers differ first, in words; null where they are equal (SEMANTICS.md, section 5). */
export function firstDifference(expected: readonly TryAnswer[], got: readonly TryAnswer[]): string | null {
  for (const [row, answer] of expected.entries()) {
    const found = got[row];
    if (found === undefined) return `${got.length} rows for ${expected.length}`;
    const [wanted, exact] = [exactPart(answer), exactPart(found)];
    if (wanted !== exact) return `row ${row}: the oracle says\n${wanted}\nbut\n${exact}`;
    for (const name of Object.keys(answer.values).filter(isApproximate)) {
      const [a, b] = [answer.values[name], found.values[name]];
      if (!isWithinBound(name, answer.values, a, b)) {
        return `row ${row}: ${name} is beyond its bound: the oracle says ${JSON.stringify(a)} but ${JSON.stringify(b)}`;
      }
    }
  }
  return expected.length === got.length ? null : `${got.length} rows for ${expected.length}`;
}

function isApproximate(name: string): boolean {
  return /_approximate$|_magnitude$/.test(name);
}

/** Everything but sums of float64. Their statuses are exact, too. */
function exactPart(answer: TryAnswer): string {
  const values = Object.entries(answer.values).filter(([name]) => !isApproximate(name));
  return JSON.stringify({ ...answer, values: Object.fromEntries(values) });
}

/** |a − b| ≤ 2·n·2⁻⁵³·Σ|x|, by category where the value is a map; an average's is the n-th part of it. */
function isWithinBound(name: string, values: TryAnswer['values'], a: unknown, b: unknown): boolean {
  const base = name.replace(/_(approximate|magnitude)$/, '');
  const [inputs, magnitude] = [values[`${base}_inputs`], values[`${base}_magnitude`]];
  const isAverage = base.endsWith('_avg') && name.endsWith('_approximate');
  const holds = (x: unknown, y: unknown, n: unknown, sum: unknown) => {
    if (typeof x !== 'number' || typeof y !== 'number') return x === y;
    return Math.abs(x - y) <= (2 * (isAverage ? 1 : Number(n)) * Number(sum)) / 2 ** 53;
  };
  if (!isMap(a) || !isMap(b) || !isMap(inputs) || !isMap(magnitude)) return holds(a, b, inputs, magnitude);
  const categories = Object.keys(a);
  return (
    JSON.stringify(categories) === JSON.stringify(Object.keys(b)) &&
    categories.every((category) => holds(a[category], b[category], inputs[category], magnitude[category]))
  );
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

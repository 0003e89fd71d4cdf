import { expect, it } from 'vitest';
import type { Expression } from '../../../core/definitions/model.ts';
import { type InputOf, translatePandas } from './pandas.ts';

const kinds = { rate: 'float64', trips: 'int64', more: 'int64', city: 'string' } as const;
const inputOf: InputOf = (name) =>
  name in kinds ? { kind: kinds[name as keyof typeof kinds], expression: { op: 'col', name } } : null;

/** As a person would write it. */
function text(expression: Expression): string {
  if (expression.op === 'lit') return JSON.stringify(expression.value);
  if (expression.op === 'col') return expression.name;
  return 'args' in expression ? `${expression.op}(${expression.args.map(text).join(', ')})` : expression.op;
}

function translated(right: string): string {
  const source = `def f(inputs: pd.DataFrame) -> pd.DataFrame:\n    df = pd.DataFrame()\n    df["out"] = ${right}\n    return df\n`;
  const found = translatePandas(source, inputOf).get('out')!;
  return 'expression' in found ? text(found.expression) : found.why;
}

it.each([
  ['inputs["rate"]', 'rate'],
  ["inputs['rate'] + inputs['trips']", 'add(rate, toFloat64(trips))'],
  ['inputs["trips"] - inputs["more"] * 2', 'sub(trips, mul(more, 2))'],
  ['(inputs["trips"] - inputs["more"]) * 2', 'mul(sub(trips, more), 2)'],
  ['inputs["trips"] / inputs["more"]', 'div(toFloat64(trips), toFloat64(more))'],
  ['inputs["trips"] * 0.5', 'mul(toFloat64(trips), 0.5)'],
  ['2 * inputs["rate"]  # twice', 'mul(2, rate)'],
  ['-inputs["trips"] + 1', 'add(neg(trips), 1)'],
  ['inputs["trips"] - 1 - 2', 'sub(sub(trips, 1), 2)'],
  ['inputs["rate"] > 1', 'gt(rate, 1)'],
  ['inputs["trips"] >= inputs["rate"]', 'gte(toFloat64(trips), rate)'],
  ['inputs["city"] == "Zürich"', 'eq(city, "Zürich")'],
])('translates %s', (right, expected) => {
  expect(translated(right)).toBe(expected);
});

it.each([
  'inputs["rate"].astype("Int64")',
  'np.log(inputs["rate"])',
  'inputs["rate"] if True else 0',
  'inputs["city"] + inputs["city"]',
  'inputs["city"] == inputs["trips"]',
  'inputs["rate"] ** 2',
  'inputs["rate"] +',
  '(inputs["rate"]',
  'other["rate"]',
])('says of %s that it is more', (right) => {
  expect(translated(right)).toMatch(/more than arithmetic/);
});

it('says which input is not there, and reads functions that return a dict', () => {
  expect(translated('inputs["nothing"]')).toMatch(/'nothing' is neither a feature/);
  const source = 'def f(inputs):\n    return {\n        "a": inputs["rate"] * 2,\n        "b": [1],\n    }\n';
  const found = translatePandas(source, inputOf);
  expect(found.get('a')).toMatchObject({ expression: { op: 'mul' } });
  expect(found.get('b')).toMatchObject({ why: expect.any(String) });
});

import { describe, expect, test } from 'vitest';
import { evaluateCase } from '../../cli/try/evaluate.ts';
import { createOracleExecutor } from '../../cli/try/executors/oracle.ts';
import type { Explanation } from '../../core/explain/explanation.ts';
import { readCaseFiles } from '../conformance/cases.ts';
import { explainCells } from './explained-cells.ts';
import { recompute } from './recompute.ts';

const cases = readCaseFiles(new URL('../conformance/cases/', import.meta.url));
const oracle = createOracleExecutor();

describe('an explanation accounts for the value: it is recomputed from the JSON that is printed', () => {
  test.each(cases)('$name ($file)', async ({ load, expected }) => {
    const input = await load();
    const cells = await explainCells(input);
    const { answers } = await evaluateCase(input, oracle);
    const names = answers.flatMap(({ row, values }) => Object.keys(values).map((name) => `${row} ${name}`));
    expect(cells.map(({ row, name }) => `${row} ${name}`)).toEqual(names);
    for (const { row, name, explanation } of cells) {
      const printed = JSON.parse(JSON.stringify(explanation)) as Explanation;
      const { value, status, defaulted } = recompute(printed);
      expect({ value, status, defaulted }, `${name} of row ${row}`).toEqual({
        value: printed.value,
        status: printed.status,
        defaulted: printed.defaulted,
      });
      const answer = answers[row]!;
      expect([value, status], `${name} of row ${row}`).toEqual([answer.values[name], answer.status[name]]);
      const { values = {}, status: statuses = {} } = expected[row]!;
      if (name in values) expect(value, `${name} of row ${row}`).toEqual(values[name]);
      if (name in statuses) expect(status, `${name} of row ${row}`).toEqual(statuses[name]);
    }
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCase } from '../../cli/try/cases.ts';
import { evaluateCase } from '../../cli/try/evaluate.ts';
import { createOracleExecutor } from '../../cli/try/executors/oracle.ts';
import type { Explanation } from '../../core/explain/explanation.ts';
import { parseJson } from '../../core/values/parse-json.ts';
import { propertyCase } from '../property/cases.ts';
import { offlineQuestions } from '../property/deliveries.ts';
import { explainCells } from './explained-cells.ts';
import { recompute } from './recompute.ts';

const oracle = createOracleExecutor();

test.each(['AS_SERVED', 'EVENT_TIME'] as const)(
  'explanations account for the values of random cases, %s',
  async (mode) => {
    const drawn = propertyCase({ ...offlineQuestions, mode, worlds: 1 });
    let cells = 0;
    await fc.assert(
      fc.asyncProperty(drawn, async (random) => {
        const values = parseJson(JSON.stringify(random)) as Readonly<Record<string, unknown>>;
        const input = await parseCase({ place: random.name, values }, '.');
        const { answers } = await evaluateCase(input, oracle);
        for (const { row, name, explanation } of await explainCells(input)) {
          const printed = JSON.parse(JSON.stringify(explanation)) as Explanation;
          const { value, status } = recompute(printed);
          expect([value, status], `${name} of row ${row}`).toEqual([
            answers[row]!.values[name],
            answers[row]!.status[name],
          ]);
          cells++;
        }
      }),
      { numRuns: 40 },
    );
    expect(cells).toBeGreaterThan(100);
  },
  60_000,
);

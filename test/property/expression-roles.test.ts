import { inject, it } from 'vitest';
import type { Expression } from '../../core/definitions/model.ts';
import { typeText } from '../../core/definitions/value-types.ts';
import { exactText } from './exact-text.ts';
import { createRoleExecutor } from './expression-answers.ts';
import { rolesOf } from './expression-roles.ts';
import { describeDifference, partsOf, type SampleRows, sampleRows, sampleTrees } from './expression-samples.ts';

const usualPairs = 12_000;

const asked = inject('property');
const seed = asked?.seed ?? Math.floor(Math.random() * 2 ** 31);
const pairs = asked?.cases ?? usualPairs;

it('the online store and DuckDB compute random expressions as the reference does, wherever they stand', async () => {
  const started = performance.now();
  let compared = 0;
  let cells = 0;
  for (let round = 0; compared < pairs; round++) {
    const rows = sampleRows(seed + round);
    const trees = sampleTrees(seed + round);
    const { difference, checked } = await compare(trees, rows);
    if (difference !== null) throw new Error(`seed ${seed + round}: ${difference}`);
    compared += trees.length * rows.length;
    cells += checked;
  }
  const perSecond = Math.round(compared / ((performance.now() - started) / 1_000));
  console.info(
    `${compared} random pairs of expression and row, each in all its roles (${cells} values), seed ${seed}, ` +
      `${perSecond} a second: no difference`,
  );
}, 36_000_000);

interface Comparison {
  /** The smallest part of a tree that differs, with its arguments; null where nothing does. */
  readonly difference: string | null;
  /** Values that were the same in all three. */
  readonly checked: number;
}

async function compare(trees: readonly Expression[], rows: SampleRows): Promise<Comparison> {
  const world = rolesOf(trees);
  const executor = createRoleExecutor(world, rows);
  const found = { 'the online store': await executor.online(), DuckDB: await executor.duckDb() };
  let checked = 0;
  for (const { view, feature, type, tree, expected } of world.roles) {
    const name = `${view}.${feature}`;
    for (const [place, row] of rows.entries()) {
      const wanted = exactText(type, expected(row));
      for (const [who, answers] of Object.entries(found)) {
        const got = exactText(type, answered(answers[place]!, name));
        if (got === wanted) continue;
        const inside = await differenceInside(trees[tree]!, rows);
        const outcome = `${typeText(type)} ${wanted}, but as ${name} in ${who} it is ${got}`;
        return { difference: inside ?? describeDifference(trees[tree]!, row, outcome), checked };
      }
      checked += 1;
    }
  }
  return { difference: null, checked };
}

function answered<V>(answer: ReadonlyMap<string, V>, name: string): V {
  if (!answer.has(name)) throw new Error(`${name} was not answered, only ${[...answer.keys()].join(', ')}`);
  return answer.get(name)!;
}

async function differenceInside(tree: Expression, rows: SampleRows): Promise<string | null> {
  const parts = partsOf(tree);
  return parts.length === 0 ? null : (await compare(parts, rows)).difference;
}

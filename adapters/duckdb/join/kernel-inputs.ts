import type { Accumulator, CompiledView } from '../../../core/definitions/compiled.ts';
import { readsColumn } from '../expressions/reads-column.ts';
import { identifier } from '../quoting.ts';

const inSql: readonly string[] = [
  'countRows',
  'count',
  'sum',
  'avg',
  'min',
  'max',
  'first',
  'last',
  'varSamp',
  'varPop',
  'stddevSamp',
  'stddevPop',
];

/** True for aggregates whose states SQL cannot hold; they run as the online store's kernels. */
export function needsKernel({ definition, input, by }: Accumulator): boolean {
  if (by !== null || !inSql.includes(definition.function)) return true;
  return input?.type.kind === 'vector' && (definition.function === 'sum' || definition.function === 'avg');
}

/** The column of `kernel_values` with an accumulator's value over a window. */
export function kernelColumn(accumulator: number, window: number): string {
  return `kernel_${accumulator}_${window}`;
}

/** The source's columns that kernels read, as indexes into its fields. */
export function columnsRead(view: CompiledView): number[] {
  const expressions = view.accumulators
    .filter(needsKernel)
    .flatMap(({ input, where, by }) => [input, where, by].filter((expression) => expression !== null));
  return view.source.fields.flatMap(({ name }, column) =>
    expressions.some((expression) => readsColumn(expression.tree, name)) ? [column] : [],
  );
}

/** What the table `events` must carry so that kernels can run: the id, the place, and g_<column>; empty without kernels. */
export function kernelEventColumns(view: CompiledView): { readonly source: string[]; readonly events: string[] } {
  if (!view.accumulators.some(needsKernel)) return { source: [], events: [] };
  const fields = columnsRead(view);
  return {
    source: fields.map((column) => `${identifier(view.source.fields[column]!.name)} AS g_${column}`),
    events: ['id', 'o', 'p', 'f', ...fields.map((column) => `g_${column}`)],
  };
}

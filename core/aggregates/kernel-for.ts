import type { Accumulator, CompiledSource } from '../definitions/compiled.ts';
import { AsofError } from '../errors/asof-error.ts';
import { canonicalText } from '../values/canonical-text.ts';
import type { Value, ValueType } from '../values/types.ts';
import { byCategoryKernel } from './by-category.ts';
import { countKernel } from './counts.ts';
import { approxCountDistinctKernel, countDistinctKernel } from './distinct.ts';
import { eventIdsOf } from './event-id.ts';
import { extremeKernel } from './extremes.ts';
import { categoryHistogramKernel, edgeHistogramKernel } from './histogram.ts';
import type { AccumulatorKernel, Kernel } from './kernel.ts';
import { orderedKernel } from './ordered.ts';
import { quantileKernel } from './quantile.ts';
import { avgKernel, sumKernel } from './sums.ts';
import { varianceKernel } from './variance.ts';

/** The kernel that runs one accumulator of a view: `where`, then input and `by`, then the aggregate. */
export function kernelFor(accumulator: Accumulator, source: CompiledSource): AccumulatorKernel {
  const { where, by, definition } = accumulator;
  const { prepare, ...inner } = functionKernel(accumulator, source);
  const evaluateInput = inputOf(accumulator);
  const prepareItem: AccumulatorKernel['prepare'] = (record) => {
    const x = evaluateInput(record.values);
    return x === null ? undefined : prepare(x, record);
  };
  const passes = (values: readonly Value[]) => where === null || where.evaluate(values) === true;
  if (by === null || definition.by === undefined) {
    return { ...inner, prepare: (record) => (passes(record.values) ? prepareItem(record) : undefined) };
  }
  const categories: Omit<AccumulatorKernel, 'prepare'> = byCategoryKernel(inner, definition.by.cap);
  return {
    ...categories,
    prepare(record) {
      if (!passes(record.values)) return undefined;
      const category = by.evaluate(record.values);
      if (category === null) return undefined;
      return { category: canonicalText(by.type, category), item: prepareItem(record) };
    },
  };
}

function inputOf({ definition, input }: Accumulator): (values: readonly Value[]) => Value {
  if (definition.function === 'countRows') return () => true;
  if (input === null) throw new AsofError('INTERNAL', `${definition.function} needs an input`);
  return (values) => input.evaluate(values);
}

function functionKernel(accumulator: Accumulator, source: CompiledSource): Kernel<unknown, unknown> {
  const { definition, input } = accumulator;
  const type: ValueType = input?.type ?? { kind: 'bool' };
  switch (definition.function) {
    case 'countRows':
    case 'count':
      return erased(countKernel);
    case 'sum':
      return sumKernel(type);
    case 'avg':
      return avgKernel(type);
    case 'varSamp':
    case 'varPop':
    case 'stddevSamp':
    case 'stddevPop':
      return erased(varianceKernel(definition.function, type));
    case 'min':
    case 'max':
      return extremeKernel(definition.function, type);
    case 'first':
    case 'last':
    case 'firstN':
    case 'lastN':
    case 'topK':
    case 'bottomK':
      return erased(orderedKernel(definition.function, type, eventIdsOf(source), definition.k ?? 1));
    case 'countDistinct':
      return erased(countDistinctKernel(type, definition.cap ?? Number.POSITIVE_INFINITY));
    case 'approxCountDistinct':
      return erased(approxCountDistinctKernel(type));
    case 'approxQuantile':
      return erased(quantileKernel(type, definition.q ?? '0.5'));
    case 'histogram':
      return erased(
        definition.categories === undefined
          ? edgeHistogramKernel(type, definition.edges ?? [])
          : categoryHistogramKernel(type, definition.categories),
      );
  }
}

/** A kernel whose states are only ever its own: the caller keeps them apart by accumulator. */
function erased<S, I>(kernel: Kernel<S, I>): Kernel<unknown, unknown> {
  return kernel as Kernel<unknown, unknown>;
}

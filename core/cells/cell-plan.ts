import type { CompiledExpression, CompiledView } from '../definitions/compiled.ts';
import type { Value, ValueType } from '../values/types.ts';

/** How the cells of some features of a view come about. Worked out once for each choice of features. */
export interface CellPlan {
  readonly view: CompiledView;
  /**
   * What an executor finds out about a key: of a row view indexes into `view.columns`, of an aggregate view indexes
   * into `view.features`, none of them derived. The same array object for the life of the plan.
   */
  readonly reads: readonly number[];
  /** Along `reads`. */
  readonly readTypes: readonly ValueType[];
  /** The cells asked for, in that order, then those that only derived ones need. */
  readonly cells: readonly Cell[];
  /** How many of the cells were asked for. */
  readonly asked: number;
  /** Whether the cells of a key that has some are what is found, cell by cell. */
  readonly isAsFound: boolean;
  /** In an order in which each finds its inputs computed. */
  readonly derived: readonly DerivedCell[];
}

export interface Cell {
  readonly type: ValueType;
  /** Where in `reads` its value is; −1 = it is derived. */
  readonly read: number;
  /** Replaces a value that is not PRESENT; null = none declared. */
  readonly defaultValue: Value;
}

export interface DerivedCell {
  /** Its index in `cells`. */
  readonly cell: number;
  readonly expression: CompiledExpression;
  /** The cells that make the expression's row, in its order. */
  readonly inputs: readonly number[];
  /** That row, filled anew for each evaluation; one is enough, since an evaluation never waits. */
  readonly row: Value[];
}

const everyFeature = new WeakMap<CompiledView, readonly number[]>();

/** All features of a view: the same array object each time. */
export function allFeatures(view: CompiledView): readonly number[] {
  let all = everyFeature.get(view);
  if (all === undefined) {
    all = view.features.map((_, index) => index);
    everyFeature.set(view, all);
  }
  return all;
}

const plans = new WeakMap<CompiledView, WeakMap<readonly number[], CellPlan>>();

/** @param features indexes into `view.features`; the same array object again finds the same plan */
export function cellPlanOf(view: CompiledView, features: readonly number[]): CellPlan {
  let ofView = plans.get(view);
  if (ofView === undefined) {
    ofView = new WeakMap();
    plans.set(view, ofView);
  }
  let plan = ofView.get(features);
  if (plan === undefined) {
    plan = createCellPlan(view, features);
    ofView.set(features, plan);
  }
  return plan;
}

function createCellPlan(view: CompiledView, features: readonly number[]): CellPlan {
  const reads: number[] = [];
  const readTypes: ValueType[] = [];
  const cells: Cell[] = [];
  const derived: DerivedCell[] = [];
  const places = new Map<string, number>();
  const computed = new Set<number>();

  const readOf = (index: number, type: ValueType): number => {
    const known = reads.indexOf(index);
    if (known >= 0) return known;
    readTypes.push(type);
    return reads.push(index) - 1;
  };
  const createCell = (input: CellInput): Cell => {
    if (input.kind === 'column') {
      const { type } = view.source.fields[view.columns[input.column]!]!;
      return { type, read: readOf(input.column, type), defaultValue: null };
    }
    const feature = view.features[input.feature]!;
    const { type, defaultValue } = feature;
    if (feature.kind === 'derived') return { type, read: -1, defaultValue };
    const index = feature.kind === 'column' ? view.columns.indexOf(feature.column) : input.feature;
    return { type, read: readOf(index, type), defaultValue };
  };
  const addCell = (input: CellInput): number => {
    const cell = cells.push(createCell(input)) - 1;
    const name = nameOf(input);
    if (!places.has(name)) places.set(name, cell);
    return cell;
  };
  const derive = (index: number, cell: number): void => {
    const feature = view.features[index]!;
    if (feature.kind !== 'derived' || computed.has(cell)) return;
    computed.add(cell);
    const inputs = feature.inputs.map((input) => {
      const place = places.get(nameOf(input)) ?? addCell(input);
      if (input.kind === 'feature') derive(input.feature, place);
      return place;
    });
    derived.push({ cell, expression: feature.expression, inputs, row: inputs.map(() => null) });
  };

  const asked = features.map((feature) => addCell({ kind: 'feature', feature }));
  for (const cell of asked) derive(features[cell]!, cell);
  const isAsFound =
    derived.length === 0 &&
    cells.length === reads.length &&
    cells.every(({ read, defaultValue }, index) => read === index && defaultValue === null);
  return { view, reads, readTypes, cells, asked: asked.length, isAsFound, derived };
}

type CellInput =
  | { readonly kind: 'feature'; readonly feature: number }
  | { readonly kind: 'column'; readonly column: number };

function nameOf(input: CellInput): string {
  return input.kind === 'column' ? `column ${input.column}` : `feature ${input.feature}`;
}

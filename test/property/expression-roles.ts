import type { AggregateDefinition, Definitions, Expression, FeatureDefinition } from '../../core/definitions/model.ts';
import { parseDefinitions } from '../../core/definitions/parse.ts';
import { identityKinds } from '../../core/definitions/value-types.ts';
import { compileExpression } from '../../core/expressions/compile.ts';
import { leavesOf } from '../../core/expressions/leaves.ts';
import { canonicalText } from '../../core/values/canonical-text.ts';
import type { Field, Value, ValueType } from '../../core/values/types.ts';
import { columns } from './expression-samples.ts';

/** A feature that computes an expression of one of the trees, and what the reference says of it. */
export interface Role {
  readonly view: 'state' | 'happened' | 'asked';
  readonly feature: string;
  readonly type: ValueType;
  /** Index of the tree. */
  readonly tree: number;
  expected(row: readonly Value[]): Value;
}

export interface RoleWorld {
  readonly definitions: Definitions;
  readonly roles: readonly Role[];
  /** The columns that stand in a request, rather than in what was stored. */
  readonly requested: readonly Field[];
}

const int64: ValueType = { kind: 'int64' };

/**
 * Every tree wherever it may stand: as a derived feature over columns and features, as a request-time feature over
 * request inputs and features, as an aggregate's input, `where` and `by`.
 */
export function rolesOf(trees: readonly Expression[]): RoleWorld {
  // Half of the leaves read something else than a column, where there is a choice.
  const stored = columns.filter((_, index) => index % 2 === 1);
  const requested = columns.filter((column) => !stored.includes(column));
  const isStored = (name: string) => stored.some((column) => column.name === name);
  const roles: Role[] = [];
  const state: FeatureDefinition[] = stored.map(({ name }) => ({ name, kind: 'column', column: name }));
  const happened: FeatureDefinition[] = [];
  const asked: { readonly name: string; readonly expression: Expression }[] = [];

  for (const [tree, expression] of trees.entries()) {
    const { type, evaluate } = compileExpression(expression, columns, 'drawn');
    const add = (view: Role['view'], feature: string, of: ValueType, expected: Role['expected']) =>
      roles.push({ view, feature, type: of, tree, expected });
    const addAggregate = (name: string, aggregate: AggregateDefinition) =>
      happened.push({ name, kind: 'aggregate', aggregate, window: '1h' });

    // A constant is no derived feature.
    if (leavesOf(expression).length > 0) {
      const derived = withLeaves(expression, (leaf) => (isStored(leaf) ? { op: 'feature', feature: leaf } : col(leaf)));
      state.push({ name: `derived_${tree}`, kind: 'derived', expression: derived });
      add('state', `derived_${tree}`, type, evaluate);
    }

    const request = withLeaves(expression, (leaf) =>
      isStored(leaf) ? { op: 'feature', view: 'state', feature: leaf } : { op: 'request', name: leaf },
    );
    asked.push({ name: `request_${tree}`, expression: request });
    add('asked', `request_${tree}`, type, evaluate);

    if (type.kind !== 'map') {
      addAggregate(`last_${tree}`, { function: 'last', input: expression });
      add('happened', `last_${tree}`, type, evaluate);
    }
    if (type.kind === 'bool') {
      addAggregate(`where_${tree}`, { function: 'countRows', where: expression });
      add('happened', `where_${tree}`, int64, (row) => (evaluate(row) === true ? 1 : 0));
    }
    if (identityKinds.includes(type.kind)) {
      addAggregate(`by_${tree}`, { function: 'countRows', by: { expression, cap: 2 } });
      add('happened', `by_${tree}`, { kind: 'map', value: int64 }, (row) => categoryOf(type, evaluate(row)));
    }
  }
  const key = { name: 'id', type: int64 };
  const fields = [key, ...columns];
  const view = { entity: 'thing', key: { id: 'id' } };
  const definitions = {
    asof: 1,
    entities: [{ name: 'thing', key: [key] }],
    sources: [
      { kind: 'rows', name: 'rows', fields, eventTime: 'at' },
      { kind: 'events', name: 'events', fields, eventTime: 'at', lateness: '1d', futureTolerance: '5m' },
    ],
    views: [
      { name: 'state', source: 'rows', ...view, features: state },
      { name: 'happened', source: 'events', ...view, features: happened },
    ].filter(({ features }) => features.length > 0),
    onDemandViews: [{ name: 'asked', request: requested, from: [{ view: 'state' }], features: asked }],
    services: [
      {
        name: 'everything',
        version: 1,
        features: [{ view: 'state' }, ...(happened.length === 0 ? [] : [{ view: 'happened' }]), { view: 'asked' }],
      },
    ],
  };
  return { definitions: parseDefinitions(JSON.parse(JSON.stringify(definitions))), roles, requested };
}

function col(name: string): Expression {
  return { op: 'col', name };
}

function withLeaves(tree: Expression, leafOf: (name: string) => Expression): Expression {
  if (tree.op === 'col') return leafOf(tree.name);
  return 'args' in tree ? { ...tree, args: tree.args.map((part) => withLeaves(part, leafOf)) } : tree;
}

/** One event makes one category of one; NULL is none, and no category is NULL. */
function categoryOf(type: ValueType, value: Value): Value {
  return value === null ? null : new Map([[canonicalText(type, value), 1]]);
}

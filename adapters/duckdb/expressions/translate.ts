import { functionOf, isConstant } from '../../../core/expressions/compile.ts';
import type { TypedCall, TypedExpression, TypedUserCall } from '../../../core/expressions/typed.ts';
import type { ValueType } from '../../../core/values/types.ts';
import { valueLiteral } from '../literals.ts';
import { finiteSql, type SqlArgument, type SqlCall } from './rule.ts';
import { sqlRules } from './rules.ts';

/** Something with a type that SQL can compute. */
export interface SqlInput {
  readonly type: ValueType;
  readonly sql: string;
}

/** A part of an expression that runs as the reference function: a tree whose row is these inputs, in order. */
export interface ReferenceCall {
  readonly tree: TypedExpression;
  readonly inputs: readonly SqlInput[];
}

/** @returns SQL of exactly the tree's type; inputs of the expression are placeholders in it, as in what it is given */
export type CallReference = (call: ReferenceCall) => string;

/** Stands for a column of the expression's row. No other SQL has a NUL. */
function placeholder(column: number): string {
  return `\0${column}\0`;
}

/**
 * Puts the columns of the expression's row in their places: SQL of values only, doubles finite and not -0, instants whole
 * milliseconds.
 */
export function withInputs(sql: string, input: (column: number) => string): string {
  return sql.replace(/\0(\d+)\0/g, (_, column) => input(Number(column)));
}

/**
 * What computes a node: DuckDB itself, the reference function, or DuckDB where it is sure of the value of a row and
 * the function where it is not.
 */
export type ExpressionEngine = 'sql' | 'function' | 'both';

export interface TranslatedExpression extends SqlArgument {
  readonly engine: ExpressionEngine;
  /** In the order of the node's arguments; none where the node is a constant. */
  readonly args: readonly TranslatedExpression[];
  /** What is called for it where the engine is the function. */
  readonly reference: ReferenceCall | null;
}

/** Arguments are repeated in SQL, and so is the work; beyond so many characters the function is better. */
const longestSql = 2_000;

/**
 * Each node as SQL where that is its value to the bit; neighbours that are functions are called as one. Depends on the
 * expression alone, so that its functions can be registered before anybody knows what its inputs are.
 */
export function translateExpression(node: TypedExpression, callOf: CallReference): TranslatedExpression {
  if (node.kind === 'input') return computed(node.type, placeholder(node.column));
  if (isConstant(node)) {
    const value = functionOf(node)([]);
    return { ...computed(node.type, valueLiteral(node.type, value)), literal: value };
  }
  const call = node as CallNode;
  const args = call.args.map((arg) => translateExpression(arg, callOf));
  const found = call.kind === 'userCall' ? null : (sqlRules[call.op]?.(args, call.type) ?? null);
  if (found === null || found.sql.length > longestSql) return asFunction(call, args, callOf);
  // To ask a computed argument costs as much as to compute it again.
  if (found.kind === 'partial' && !call.args.every(isLeaf)) return asFunction(call, args, callOf);
  return { ...asSql(call, found, args, callOf), args };
}

type CallNode = TypedCall | TypedUserCall;

function isLeaf({ kind }: TypedExpression): boolean {
  return kind === 'input' || kind === 'literal';
}

function computed(type: ValueType, sql: string): TranslatedExpression {
  return { type, sql, raw: sql, literal: undefined, engine: 'sql', args: [], reference: null };
}

function asSql(
  node: CallNode,
  found: SqlCall,
  args: readonly TranslatedExpression[],
  callOf: CallReference,
): TranslatedExpression {
  switch (found.kind) {
    case 'exact':
      return computed(node.type, found.sql);
    case 'raw':
      return { ...computed(node.type, finiteSql(found.sql)), raw: found.sql };
    case 'partial': {
      const otherwise = callOf(referenceCall(node, args));
      const sql = `(CASE WHEN ${found.when} THEN ${found.sql} ELSE ${otherwise} END)`;
      return { ...computed(node.type, sql), engine: 'both' };
    }
  }
}

function asFunction(
  node: CallNode,
  args: readonly TranslatedExpression[],
  callOf: CallReference,
): TranslatedExpression {
  const reference = referenceCall(node, args);
  let sql: string | null = null;
  // Called only where it is not a part of a larger function.
  const called = () => {
    sql ??= callOf(reference);
    return sql;
  };
  return {
    type: node.type,
    get sql() {
      return called();
    },
    get raw() {
      return called();
    },
    literal: undefined,
    engine: 'function',
    args,
    reference,
  };
}

/** The node over its arguments; those that are functions themselves become a part of it. */
function referenceCall(node: CallNode, args: readonly TranslatedExpression[]): ReferenceCall {
  const inputs: SqlInput[] = [];
  const input = (given: SqlInput): TypedExpression => {
    const known = inputs.findIndex(({ sql }) => sql === given.sql);
    const column = known >= 0 ? known : inputs.push({ type: given.type, sql: given.sql }) - 1;
    return { kind: 'input', column, type: given.type };
  };
  const over = (tree: TypedExpression, from: readonly SqlInput[]): TypedExpression => {
    if (tree.kind === 'input') return input(from[tree.column]!);
    return 'args' in tree ? { ...tree, args: tree.args.map((arg) => over(arg, from)) } : tree;
  };
  const parts = args.map((arg): TypedExpression => {
    if (arg.reference !== null) return over(arg.reference.tree, arg.reference.inputs);
    if (arg.literal !== undefined) return { kind: 'literal', type: arg.type, value: arg.literal };
    return input(arg);
  });
  return { tree: { ...node, args: parts }, inputs };
}

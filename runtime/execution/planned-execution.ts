import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import { rememberedByDocument } from '../documents.ts';
import type { GraphResult } from '../graph.ts';
import { NotPlanned } from './plan.ts';
import { Planner } from './planner.ts';
import { Run } from './run.ts';
import { createVariableReader, type ReadVariables } from './variables.ts';

export interface PlannedRequest {
  readonly document: DocumentNode;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface PlannedExecution {
  /**
   * Executes queries, and subscriptions for one event of their source, which is the root value then; null = only graphql-js
   * can execute it.
   */
  execute(request: PlannedRequest, context: unknown, event?: unknown): GraphResult | Promise<GraphResult> | null;
  /** A query that is planned in one way whatever its variables; null = it is not. */
  fixedPlan(asked: Omit<PlannedRequest, 'variables'>): FixedPlan | null;
}

export interface FixedPlan {
  readonly plan: Planner;
  readonly readVariables: ReadVariables;
}

/** An operation with more outcomes of its `@skip`s and `@include`s than this has no plan for the others. */
const mostOutcomes = 32;

/** What is known of an operation before a request comes. */
interface PreparedOperation {
  readonly operation: OperationDefinitionNode;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  /** The variables that decide what is selected. */
  readonly conditions: readonly string[];
  readonly readVariables: ReadVariables;
  /** By the conditions' values. */
  readonly plans: Map<string, Planner | null>;
}

/**
 * Executes queries of valid documents on a schema as graphql-js would, by plans that are made once for each document object
 * and kept as long as it is: what is selected, how arguments are read and how values are completed.
 */
export function createPlannedExecution(schema: GraphQLSchema): PlannedExecution {
  const preparedOf = rememberedByDocument((document, operationName) => prepare(schema, document, operationName));

  return {
    execute(request, context, event) {
      const asked = preparedOf(request.document, request.operationName);
      if (asked === null) return null;
      const variables = asked.readVariables(request.variables) ?? coerce(schema, asked.operation, request.variables);
      if (variables instanceof RefusedVariables) return { errors: variables.errors };
      const plan = planOf(schema, asked, variables);
      return plan === null ? null : new Run(plan, { rootValue: event, context, variables }).start();
    },
    fixedPlan(request) {
      const asked = preparedOf(request.document, request.operationName);
      if (asked === null || asked.conditions.length > 0) return null;
      const plan = planOf(schema, asked, {});
      return plan === null ? null : { plan, readVariables: asked.readVariables };
    },
  };
}

class RefusedVariables {
  readonly errors: readonly GraphQLError[];

  constructor(errors: readonly GraphQLError[]) {
    this.errors = errors;
  }
}

function coerce(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  given: PlannedRequest['variables'],
): Record<string, unknown> | RefusedVariables {
  const { coerced, errors } = getVariableValues(schema, variableDefinitions, given, { maxErrors: 50 });
  return errors === undefined ? coerced : new RefusedVariables(errors);
}

function planOf(schema: GraphQLSchema, asked: PreparedOperation, variables: Record<string, unknown>): Planner | null {
  const outcome = asked.conditions.length === 0 ? '' : asked.conditions.map((name) => variables[name]).join();
  let plan = asked.plans.get(outcome);
  if (plan === undefined) {
    if (asked.plans.size >= mostOutcomes) return null;
    plan = newPlan(schema, asked, variables);
    asked.plans.set(outcome, plan);
  }
  return plan;
}

function newPlan(schema: GraphQLSchema, asked: PreparedOperation, variables: Record<string, unknown>): Planner | null {
  try {
    return new Planner(schema, asked, variables);
  } catch (error) {
    if (error instanceof NotPlanned) return null;
    throw error;
  }
}

function prepare(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null,
): PreparedOperation | null {
  const operation = getOperationAST(document, operationName);
  if (!operation || operation.operation === 'mutation') return null;
  const fragments: Record<string, FragmentDefinitionNode> = {};
  for (const one of document.definitions) if (one.kind === Kind.FRAGMENT_DEFINITION) fragments[one.name.value] = one;
  const conditions = new Set<string>();
  let isPlain = true;
  visit(document, {
    Directive({ name, arguments: given }) {
      if (name.value !== 'skip' && name.value !== 'include') isPlain = false;
      for (const { value } of given ?? []) if (value.kind === Kind.VARIABLE) conditions.add(value.name.value);
    },
    Field({ alias, name }) {
      // As a property it would be the prototype.
      if (alias?.value === '__proto__') isPlain = false;
      if (name.value === '__schema' || name.value === '__type') isPlain = false;
    },
  });
  if (!isPlain) return null;
  const readVariables = createVariableReader(schema, operation.variableDefinitions ?? []);
  return { operation, fragments, conditions: [...conditions], readVariables, plans: new Map() };
}

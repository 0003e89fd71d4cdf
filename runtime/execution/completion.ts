import {
  defaultTypeResolver,
  type FieldNode,
  type GraphQLAbstractType,
  GraphQLError,
  type GraphQLField,
  GraphQLFloat,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLString,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { isPlainResolver } from './plain-resolvers.ts';
import { type Complete, type Frame, isThenable, NotPlanned, type ObjectPlan, type PlanObjects } from './plan.ts';

interface FieldPlace {
  readonly nodes: readonly FieldNode[];
  /** `Type.field`, for messages. */
  readonly place: string;
}

export function completerOf(
  planner: PlanObjects,
  type: GraphQLOutputType,
  field: FieldPlace,
): { readonly complete: Complete; readonly isNonNull: boolean } {
  const isNonNull = isNonNullType(type);
  const inner = nullable(planner, isNonNull ? type.ofType : type, field);
  if (!isNonNull) return { complete: inner, isNonNull };
  const complete: Complete = (value, place) => {
    const completed = inner(value, place);
    if (completed === null) throw nullError(field.place);
    return completed;
  };
  return { complete, isNonNull };
}

function nullable(planner: PlanObjects, type: GraphQLOutputType, field: FieldPlace): Complete {
  const complete = isListType(type)
    ? listCompleter(planner, type.ofType, field)
    : isLeafType(type)
      ? leafCompleter(type)
      : isAbstractType(type)
        ? abstractCompleter(planner, type, field)
        : isObjectType(type)
          ? objectCompleter(planner, type, field)
          : neverPlanned();
  return (value, place) => {
    if (value === null || value === undefined) return null;
    if (value instanceof Error) throw value;
    return complete(value, place);
  };
}

/** Reads and completes a leaf whose resolver is plain; null for other fields. */
export function leafReaderOf(
  { type, resolve }: GraphQLField<unknown, unknown>,
  place: string,
): ((source: unknown) => unknown) | null {
  const isNonNull = isNonNullType(type);
  const inner = isNonNull ? type.ofType : type;
  if (resolve === undefined || !isPlainResolver(resolve) || !isLeafType(inner)) return null;
  const read = resolve as (source: unknown) => unknown;
  const complete = leafCompleter(inner);
  return (source) => {
    const value = read(source);
    if (value instanceof Error) throw value;
    if (value !== null && value !== undefined) return complete(value);
    if (isNonNull) throw nullError(place);
    return null;
  };
}

function nullError(place: string): Error {
  return new Error(`Cannot return null for non-nullable field ${place}.`);
}

function neverPlanned(): never {
  throw new NotPlanned();
}

function leafCompleter(type: GraphQLLeafType): (value: unknown) => unknown {
  const serialize = (value: unknown) => {
    const serialized: unknown = type.serialize(value);
    if (serialized !== null && serialized !== undefined) return serialized;
    throw new Error(`Expected \`${type.name}.serialize(${String(value)})\` to return non-nullable value`);
  };
  // What these return unchanged.
  if (type === GraphQLString) return (value) => (typeof value === 'string' ? value : serialize(value));
  if (type === GraphQLFloat) return (value) => (Number.isFinite(value) ? value : serialize(value));
  return serialize;
}

function objectCompleter(planner: PlanObjects, type: GraphQLObjectType, { nodes }: FieldPlace): Complete {
  if (type.isTypeOf) throw new NotPlanned();
  const plan = planner.objectPlan(type, nodes);
  return (value, { run, frame }) => run.executeFields(plan, value, frame);
}

function abstractCompleter(planner: PlanObjects, type: GraphQLAbstractType, { nodes, place }: FieldPlace): Complete {
  const { schema } = planner;
  if (schema.getPossibleTypes(type).some(({ isTypeOf }) => isTypeOf)) throw new NotPlanned();
  const resolveType = type.resolveType ?? defaultTypeResolver;
  const plans = new Map<string, ObjectPlan>();
  const planOf = (name: unknown): ObjectPlan => {
    const known = plans.get(name as string);
    if (known !== undefined) return known;
    const runtimeType = typeof name === 'string' ? schema.getType(name) : undefined;
    if (!isObjectType(runtimeType) || !schema.isSubType(type, runtimeType)) throw notPossible(type, name, place);
    const plan = planner.objectPlan(runtimeType, nodes);
    plans.set(runtimeType.name, plan);
    return plan;
  };
  return (value, { run, frame, info }) => {
    const name: unknown = resolveType(value, run.context, info, type);
    const go = (runtimeType: unknown) => run.executeFields(planOf(runtimeType), value, frame);
    return isThenable(name) ? run.await(name, frame, nodes, go) : go(name);
  };
}

function notPossible(type: GraphQLAbstractType, name: unknown, place: string): GraphQLError {
  if (name === null || name === undefined) {
    return new GraphQLError(
      `Abstract type "${type.name}" must resolve to an Object type at runtime for field "${place}". Either the "${type.name}" type should provide a "resolveType" function or each possible type should provide an "isTypeOf" function.`,
    );
  }
  return new GraphQLError(`Runtime Object type "${String(name)}" is not a possible type for "${type.name}".`);
}

function listCompleter(planner: PlanObjects, itemType: GraphQLOutputType, field: FieldPlace): Complete {
  const { complete, isNonNull } = completerOf(planner, itemType, field);
  const { nodes } = field;
  return (value, { run, frame, info }) => {
    const items = Array.isArray(value) ? value : iterated(value, field.place);
    const completed: unknown[] = new Array(items.length);
    for (let i = 0; i < items.length; i++) {
      const item: unknown = items[i];
      const itemFrame: Frame = { prev: frame, key: i, typename: undefined, holder: completed, isNonNull };
      try {
        const place = { run, frame: itemFrame, info };
        completed[i] = isThenable(item)
          ? run.await(item, itemFrame, nodes, (settled) => complete(settled, place))
          : complete(item, place);
      } catch (error) {
        completed[i] = run.failHere(error, itemFrame, nodes);
      }
    }
    return completed;
  };
}

function iterated(value: unknown, place: string): unknown[] {
  if (typeof value === 'object' && value !== null && Symbol.iterator in value) {
    return [...(value as Iterable<unknown>)];
  }
  throw new GraphQLError(`Expected Iterable, but did not find one for field "${place}".`);
}

import type {
  FieldNode,
  FragmentDefinitionNode,
  GraphQLField,
  GraphQLObjectType,
  GraphQLResolveInfo,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionSetNode,
} from 'graphql';

type Variables = Readonly<Record<string, unknown>>;

/** What a selection asks of objects of one type: worked out once, however many objects there are. */
export interface ObjectPlan {
  readonly type: GraphQLObjectType;
  /** In the order of the answer. */
  readonly fields: readonly FieldPlan[];
}

export interface FieldPlan {
  /** Its alias or name. */
  readonly key: string;
  readonly nodes: readonly FieldNode[];
  readonly parentType: GraphQLObjectType;
  /** null = `__typename`. */
  readonly field: GraphQLField<unknown, unknown> | null;
  readonly isNonNull: boolean;
  readonly args: ArgumentPlan;
  readonly complete: Complete;
  /** The value from the parent alone, completed; null where that needs more. */
  readonly readLeaf: ((source: unknown) => unknown) | null;
}

export type ArgumentPlan =
  /** The same in each request. */
  | { readonly kind: 'fixed'; readonly values: Variables }
  /** The same within a request; `place` says where it keeps them. */
  | { readonly kind: 'variable'; readonly place: number };

/** An operation of a valid document, with one outcome of its `@skip`s and `@include`s. */
export interface OperationPlan {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly root: ObjectPlan;
  /** How many fields have arguments that depend on variables. Grows as plans for further types are made. */
  argumentPlaces: number;
}

/** The operation asks for something that graphql-js has to answer. */
export class NotPlanned extends Error {}

/** Where selections are planned. */
export interface PlanObjects {
  readonly schema: GraphQLSchema;
  /** What is selected below these nodes of an object of this type. */
  objectPlan(type: GraphQLObjectType, nodes: readonly SelectingNode[]): ObjectPlan;
}

export interface SelectingNode {
  readonly selectionSet?: SelectionSetNode | undefined;
}

/** A place in the answer; a linked list up to the root, and what GraphQL calls a path. */
export interface Frame {
  readonly prev: Frame | undefined;
  readonly key: string | number;
  readonly typename: string | undefined;
  /** The object or list that holds the value, under `key`. */
  readonly holder: object;
  /** Whether null here is null for whoever is above. */
  readonly isNonNull: boolean;
}

/** Makes of what a resolver returned what the answer holds, as graphql-js does; what is thrown has no place yet. */
export type Complete = (value: unknown, place: Place) => unknown;

/** Where a value is completed. */
export interface Place {
  readonly run: Running;
  readonly frame: Frame;
  readonly info: GraphQLResolveInfo;
}

/** An execution, as completing a value needs it. */
export interface Running {
  readonly context: unknown;
  /** @throws GraphQLError where a field failed that is not null */
  executeFields(plan: ObjectPlan, source: unknown, prev: Frame): object;
  /** Has the value of `frame` made of what is to come; returns what stands there until then. */
  await(
    coming: PromiseLike<unknown>,
    frame: Frame,
    nodes: readonly FieldNode[],
    complete: (value: unknown) => unknown,
  ): unknown;
  /** What stands at `frame` when its value failed: null, or nothing where that is not allowed. */
  failHere(error: unknown, frame: Frame, nodes: readonly FieldNode[]): null;
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as Partial<Promise<unknown>>).then === 'function';
}

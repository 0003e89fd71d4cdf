import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getArgumentValues,
  getDirectiveValues,
  isAbstractType,
  Kind,
  type NamedTypeNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  typeFromAST,
} from 'graphql';
import { completerOf, leafReaderOf } from './completion.ts';
import {
  type ArgumentPlan,
  type FieldPlan,
  NotPlanned,
  type ObjectPlan,
  type OperationPlan,
  type PlanObjects,
  type SelectingNode,
} from './plan.ts';

/** Makes the plan of an operation, and more of it when objects of further types come. */
export class Planner implements OperationPlan, PlanObjects {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly root: ObjectPlan;
  argumentPlaces = 0;
  /** Only what directives are conditioned on matters. */
  readonly #variables: Record<string, unknown>;

  constructor(
    schema: GraphQLSchema,
    asked: Pick<OperationPlan, 'operation' | 'fragments'>,
    variables: Record<string, unknown>,
  ) {
    this.schema = schema;
    this.operation = asked.operation;
    this.fragments = asked.fragments;
    this.#variables = variables;
    const type = schema.getRootType(asked.operation.operation);
    if (!type) throw new NotPlanned();
    this.root = this.objectPlan(type, [asked.operation]);
  }

  /** What is selected below these nodes of an object of this type. */
  objectPlan(type: GraphQLObjectType, nodes: readonly SelectingNode[]): ObjectPlan {
    const collected = new Map<string, FieldNode[]>();
    const seen = new Set<string>();
    for (const { selectionSet } of nodes) if (selectionSet) this.#collect(type, selectionSet, collected, seen);
    return { type, fields: [...collected].map(([key, same]) => this.#fieldPlan(type, key, same)) };
  }

  #fieldPlan(parentType: GraphQLObjectType, key: string, nodes: readonly FieldNode[]): FieldPlan {
    const node = nodes[0]!;
    const name = node.name.value;
    if (name === '__typename') return typenamePlan(parentType, key, nodes);
    const field = parentType.getFields()[name];
    if (field === undefined) throw new NotPlanned();
    const { complete, isNonNull } = completerOf(this, field.type, { nodes, place: `${parentType.name}.${name}` });
    const readLeaf = leafReaderOf(field, `${parentType.name}.${name}`);
    return { key, nodes, parentType, field, isNonNull, args: this.#argumentPlan(field, node), complete, readLeaf };
  }

  #argumentPlan(field: GraphQLField<unknown, unknown>, node: FieldNode): ArgumentPlan {
    if (field.args.length === 0) return { kind: 'fixed', values: noArguments };
    const isFixed = node.arguments?.every(({ value }) => isConstant(value)) !== false;
    if (isFixed) {
      try {
        return { kind: 'fixed', values: getArgumentValues(field, node, {}) };
      } catch {
        // It is refused in its place, each time.
      }
    }
    return { kind: 'variable', place: this.argumentPlaces++ };
  }

  #collect(
    type: GraphQLObjectType,
    { selections }: SelectionSetNode,
    collected: Map<string, FieldNode[]>,
    seen: Set<string>,
  ): void {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        if (!this.#includes(selection)) continue;
        const key = (selection.alias ?? selection.name).value;
        const same = collected.get(key);
        if (same === undefined) collected.set(key, [selection]);
        else same.push(selection);
        continue;
      }
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const name = selection.name.value;
        if (seen.has(name) || !this.#includes(selection)) continue;
        seen.add(name);
        const fragment = this.fragments[name];
        if (fragment !== undefined && this.#concerns(fragment, type)) {
          this.#collect(type, fragment.selectionSet, collected, seen);
        }
        continue;
      }
      if (this.#includes(selection) && this.#concerns(selection, type)) {
        this.#collect(type, selection.selectionSet, collected, seen);
      }
    }
  }

  #includes(node: SelectionNode): boolean {
    if (node.directives === undefined || node.directives.length === 0) return true;
    if (getDirectiveValues(GraphQLSkipDirective, node, this.#variables)?.if === true) return false;
    return getDirectiveValues(GraphQLIncludeDirective, node, this.#variables)?.if !== false;
  }

  #concerns(
    { typeCondition }: { readonly typeCondition?: NamedTypeNode | undefined },
    type: GraphQLObjectType,
  ): boolean {
    if (typeCondition === undefined) return true;
    const condition = typeFromAST(this.schema, typeCondition);
    return condition === type || (isAbstractType(condition) && this.schema.isSubType(condition, type));
  }
}

const noArguments: Readonly<Record<string, unknown>> = Object.freeze({});

function isConstant(value: object): boolean {
  return !JSON.stringify(value, (key, inner) => (key === 'loc' ? undefined : inner)).includes('"kind":"Variable"');
}

function typenamePlan(parentType: GraphQLObjectType, key: string, nodes: readonly FieldNode[]): FieldPlan {
  const args = { kind: 'fixed', values: noArguments } as const;
  return {
    key,
    nodes,
    parentType,
    field: null,
    isNonNull: true,
    args,
    complete: (value) => value,
    readLeaf: () => parentType.name,
  };
}

import {
  defaultFieldResolver,
  type FieldNode,
  type GraphQLError,
  type GraphQLResolveInfo,
  getArgumentValues,
  locatedError,
} from 'graphql';
import type { GraphResult } from '../graph.ts';
import { isBatched } from './batched.ts';
import { type FieldPlan, type Frame, isThenable, type ObjectPlan, type OperationPlan, type Running } from './plan.ts';

export interface RunInput {
  readonly rootValue: unknown;
  readonly context: unknown;
  readonly variables: Record<string, unknown>;
}

/** Stands where a value is still to come. */
const pending = Symbol('pending');

/** Told what the batch gave; that throws when there is nothing. */
type Settle = (given: () => unknown) => void;

type Arguments = Readonly<Record<string, unknown>>;
type PlannedArguments = { readonly values: Arguments } | { readonly error: unknown };

/**
 * One execution of a planned operation. Each value is put in its place in the answer as it comes; the answer is whole when
 * nothing is pending.
 */
export class Run implements Running {
  readonly context: unknown;
  readonly #plan: OperationPlan;
  readonly #input: RunInput;
  readonly #arguments: PlannedArguments[];
  readonly #errors: GraphQLError[] = [];
  /** Where an error has left null; undefined = all of the answer. */
  readonly #nulled = new Set<Frame | undefined>();
  readonly #batches = new Map<Promise<unknown>, Settle[]>();
  #data: object | null = null;
  #pending = 0;
  #finish: ((result: GraphResult) => void) | null = null;

  constructor(plan: OperationPlan, input: RunInput) {
    this.#plan = plan;
    this.#input = input;
    this.#arguments = new Array(plan.argumentPlaces);
    this.context = input.context;
  }

  start(): GraphResult | Promise<GraphResult> {
    try {
      this.#data = this.executeFields(this.#plan.root, this.#input.rootValue, undefined);
    } catch (error) {
      this.#addError(error as GraphQLError, undefined);
    }
    if (this.#pending === 0) return this.#result();
    return new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  /** @throws GraphQLError where a field failed that is not null */
  executeFields({ fields, type }: ObjectPlan, source: unknown, prev: Frame | undefined): object {
    const holder: Record<string, unknown> = {};
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i]!;
      const { key } = field;
      const { readLeaf, isNonNull } = field;
      if (readLeaf !== null) {
        try {
          holder[key] = readLeaf(source);
        } catch (error) {
          holder[key] = this.failHere(error, { prev, key, typename: type.name, holder, isNonNull }, field.nodes);
        }
        continue;
      }
      const frame: Frame = { prev, key, typename: type.name, holder, isNonNull };
      try {
        holder[key] = this.#executeField(field, source, frame);
      } catch (error) {
        holder[key] = this.failHere(error, frame, field.nodes);
      }
    }
    return holder;
  }

  /** Has the value of `frame` made of what is to come; returns what stands there until then. */
  await(
    coming: PromiseLike<unknown>,
    frame: Frame,
    nodes: readonly FieldNode[],
    complete: (value: unknown) => unknown,
  ): unknown {
    this.#pending++;
    const { holder, key } = frame;
    const settle = (take: () => unknown): void => {
      try {
        (holder as Record<string | number, unknown>)[key] = complete(take());
      } catch (error) {
        this.#failAbove(error, frame, nodes);
      }
      this.#pending--;
    };
    if (isBatched(coming)) {
      this.#waitFor(coming.batch, (given) => settle(() => coming.take(given())));
      return pending;
    }
    const settled = (take: () => unknown) => {
      settle(take);
      this.#finishWhenWhole();
    };
    Promise.resolve(coming).then(
      (value) => settled(() => value),
      (error) =>
        settled(() => {
          throw error;
        }),
    );
    return pending;
  }

  /** What stands at `frame` when its value failed: null, or nothing where that is not allowed. */
  failHere(error: unknown, frame: Frame, nodes: readonly FieldNode[]): null {
    const located = locatedError(error, nodes, pathOf(frame));
    if (frame.isNonNull) throw located;
    this.#addError(located, frame);
    return null;
  }

  #executeField(plan: FieldPlan, source: unknown, frame: Frame): unknown {
    const field = plan.field!;
    const info = this.#infoOf(plan, frame);
    const resolve = field.resolve ?? defaultFieldResolver;
    const value: unknown = resolve(source, this.#argumentsOf(plan), this.context, info);
    const place = { run: this, frame, info };
    if (!isThenable(value)) return plan.complete(value, place);
    return this.await(value, frame, plan.nodes, (settled) => plan.complete(settled, place));
  }

  #infoOf({ field, nodes, parentType }: FieldPlan, path: Frame): GraphQLResolveInfo {
    const { schema, fragments, operation } = this.#plan;
    // What graphql-js 16 gives; the type is widened by what the planner's packages dream of.
    const info: Omit<GraphQLResolveInfo, 'getAbortSignal' | 'getAsyncHelpers'> = {
      fieldName: field!.name,
      fieldNodes: nodes,
      returnType: field!.type,
      parentType,
      path,
      schema,
      fragments,
      rootValue: this.#input.rootValue,
      operation,
      variableValues: this.#input.variables,
    };
    return info as GraphQLResolveInfo;
  }

  #argumentsOf({ args, field, nodes }: FieldPlan): Arguments {
    if (args.kind === 'fixed') return args.values;
    let known = this.#arguments[args.place];
    if (known === undefined) {
      try {
        known = { values: getArgumentValues(field!, nodes[0]!, this.#input.variables) };
      } catch (error) {
        known = { error };
      }
      this.#arguments[args.place] = known;
    }
    if ('error' in known) throw known.error;
    return known.values;
  }

  #waitFor(batch: Promise<unknown>, settle: Settle): void {
    const waiting = this.#batches.get(batch);
    if (waiting !== undefined) {
      waiting.push(settle);
      return;
    }
    const all = [settle];
    this.#batches.set(batch, all);
    const settleAll = (given: () => unknown): void => {
      this.#batches.delete(batch);
      for (const one of all) one(given);
      this.#finishWhenWhole();
    };
    batch.then(
      (given) => settleAll(() => given),
      (error) =>
        settleAll(() => {
          throw error;
        }),
    );
  }

  #finishWhenWhole(): void {
    if (this.#pending === 0) this.#finish?.(this.#result());
  }

  /** The nearest place above that may be null becomes it. */
  #failAbove(error: unknown, frame: Frame, nodes: readonly FieldNode[]): void {
    const located = locatedError(error, nodes, pathOf(frame));
    let nulled: Frame | undefined = frame;
    while (nulled?.isNonNull === true) nulled = nulled.prev;
    this.#addError(located, nulled);
    if (nulled !== undefined) (nulled.holder as Record<string | number, unknown>)[nulled.key] = null;
  }

  /** Below what is null already, nothing is told. */
  #addError(error: GraphQLError, nulled: Frame | undefined): void {
    for (let frame = nulled; frame !== undefined; frame = frame.prev) if (this.#nulled.has(frame)) return;
    if (this.#nulled.has(undefined)) return;
    this.#nulled.add(nulled);
    this.#errors.push(error);
  }

  #result(): GraphResult {
    const data = (this.#nulled.has(undefined) ? null : this.#data) as GraphResult['data'];
    return this.#errors.length === 0 ? { data: data ?? null } : { errors: this.#errors, data: data ?? null };
  }
}

function pathOf(frame: Frame): (string | number)[] {
  const path: (string | number)[] = [];
  for (let at: Frame | undefined = frame; at !== undefined; at = at.prev) path.push(at.key);
  return path.reverse();
}

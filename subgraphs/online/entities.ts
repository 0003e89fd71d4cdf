import { type GraphQLResolveInfo, getArgumentValues, getNamedType, isObjectType } from 'graphql';
import type { EntityDefinition } from '../../core/definitions/model.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { EntityNames } from '../../core/names/graphql-names.ts';
import type { OnlineReader } from '../../core/online/reader.ts';
import type { SystemClock } from '../../core/ports/clocks.ts';
import { parseValue } from '../../core/values/parse.ts';
import type { Value } from '../../core/values/types.ts';
import type { RequestContext } from '../../runtime/context.ts';
import { plainResolver } from '../../runtime/execution/plain-resolvers.ts';
import type { OnlineLimits } from './deps.ts';
import { typedResolver } from './direct/typed-fields.ts';
import { createConflatingBuffer, createEventIterator } from './live/event-iterator.ts';
import type { LiveViews } from './live/live-views.ts';
import type { Change, WatchedView } from './live/watch-table.ts';
import { requestBudget } from './request-budget.ts';
import { createRequestReads, type RequestReads, requestReads } from './request-reads.ts';
import { selectedFields } from './selection.ts';
import type { Arguments, EntityRow, Resolver, Resolvers } from './view-values.ts';

/** One version of a view, as a field reads it. */
export type ViewRead = Omit<WatchedView, 'key'>;

/** What an entity's typed fields need. */
export interface EntityPlan {
  readonly entity: EntityDefinition;
  readonly names: EntityNames;
  /** GraphQL field → the views it reads with these arguments, for view fields and request-time fields alike. */
  readonly reads: ReadonlyMap<string, (args: Arguments) => readonly ViewRead[]>;
}

interface EntityDeps {
  readonly reader: OnlineReader;
  readonly systemClock: SystemClock;
  readonly liveViews: LiveViews;
  readonly limits: OnlineLimits;
}

/** The fields `airport` and `airports` of Query. */
export function entityQueries(plan: EntityPlan, deps: EntityDeps): Resolvers<unknown> {
  const { one, many } = plan.names;
  const byKey: Resolver<unknown> = (_root, args, context) =>
    rowOf(keyOf(plan, args), requestReads(context, deps.reader));
  const byKeys: Resolver<unknown> = (_root, args, context, info) => {
    const given = givenKeys(plan, args);
    requestBudget(context, deps).takeKeys(`${many}.${keysName(plan)}`, given.length, info);
    const reads = requestReads(context, deps.reader);
    return parseKeys(plan, given).map((key) => rowOf(key, reads));
  };
  return {
    [one]: typedResolver({ kind: 'entity', isList: false, keysOf: (args) => [keyOf(plan, args)] }, byKey),
    [many]: typedResolver(
      { kind: 'entity', isList: true, keysOf: (args) => parseKeys(plan, givenKeys(plan, args)) },
      byKeys,
    ),
  };
}

/** The entity's own fields: its key parts. */
export function entityKeyFields({ entity, names }: EntityPlan): Resolvers<EntityRow> {
  return Object.fromEntries(
    names.keys.map((name, index): [string, Resolver<EntityRow>] => {
      const { type } = entity.key[index]!;
      return [
        name,
        typedResolver(
          { kind: 'key', index, type },
          plainResolver(({ key }) => key[index]),
        ),
      ];
    }),
  );
}

/** An event of `airportChanged`. */
export interface ChangedKey {
  readonly key: readonly Value[];
  readonly text: string;
  /** null = the present, as a subscriber has asked for it. */
  readonly change: Change | null;
}

/** The field `airportChanged` of Subscription; each event reads afresh what was not just read to see that it has changed. */
export function entityChanges(plan: EntityPlan, { reader, liveViews, limits }: EntityDeps) {
  return {
    async subscribe(_root: unknown, args: Arguments, _context: unknown, info: GraphQLResolveInfo) {
      const given = givenKeys(plan, args);
      if (given.length > limits.watchedKeys) throw tooManyWatched(plan, given.length, limits.watchedKeys);
      const keys = parseKeys(plan, given).map((key) => ({ key, text: JSON.stringify(key, bigintAsText) }));
      const views = watchedViews(plan, info);
      const watched = keys.flatMap((row) =>
        // A request-time field may read a view without a key beside those of the entity.
        views.map((read) => ({ ...read, key: read.view.key.length === 0 ? [] : row.key, row })),
      );
      let watch: { close(): void } | null = null;
      // Once per key however many of its views changed, and only the latest for a slow client.
      const buffer = createConflatingBuffer<ChangedKey>(({ text }) => text);
      const events = createEventIterator(buffer, () => watch?.close());
      watch = await liveViews.watch(watched, ({ row }, change) =>
        events.offer({ key: row.key, text: row.text, change }),
      );
      if (args.initial === true) for (const row of keys) events.offer({ ...row, change: null });
      return events;
    },
    resolve: ({ key, change }: ChangedKey): EntityRow => rowOf(key, createRequestReads(reader, change)),
  };
}

/** The entity that another subgraph refers to by its key. */
export function entityReference(plan: EntityPlan, { reader }: EntityDeps) {
  return (reference: Arguments, context: RequestContext): EntityRow =>
    rowOf(keyOf(plan, reference), requestReads(context, reader));
}

function rowOf(key: readonly Value[], reads: RequestReads): EntityRow {
  return { key, reads };
}

function keyOf({ entity, names }: EntityPlan, parts: Arguments): Value[] {
  return entity.key.map(({ type }, index) => {
    const name = names.keys[index]!;
    const value = parseValue(type, parts[name], `${names.type}.${name}`);
    if (value !== null) return value;
    throw new AsofError('BAD_INPUT', 'a part of the key is missing', {
      path: `${names.type}.${name}`,
      expected: type.kind,
      got: 'null',
    });
  });
}

function keysName({ names }: EntityPlan): string {
  return names.keys.length > 1 ? 'keys' : names.keys[0]!;
}

function givenKeys(plan: EntityPlan, args: Arguments): readonly unknown[] {
  return args[keysName(plan)] as readonly unknown[];
}

function parseKeys(plan: EntityPlan, given: readonly unknown[]): Value[][] {
  const composite = plan.names.keys.length > 1;
  return given.map((one) => keyOf(plan, composite ? (one as Arguments) : { [keysName(plan)]: one }));
}

function tooManyWatched(plan: EntityPlan, got: number, limit: number): AsofError {
  return new AsofError('LIMIT_EXCEEDED', 'too many keys in one subscription', {
    path: `${plan.names.changed}.${keysName(plan)}`,
    expected: `at most ${limit}`,
    got: String(got),
    remedy: 'Subscribe several times.',
  });
}

/** The views that the subscription selects, as it selects them; all of the entity's when it selects none. */
function watchedViews(plan: EntityPlan, info: GraphQLResolveInfo): ViewRead[] {
  const selected = selectedFields(info);
  const type = getNamedType(info.returnType);
  const definitions = isObjectType(type) ? type.getFields() : {};
  const found = [...plan.reads].flatMap(([field, reads]) =>
    (selected.get(field) ?? []).flatMap((node) =>
      reads(getArgumentValues(definitions[field]!, node, info.variableValues)),
    ),
  );
  return found.length > 0 ? found : [...plan.reads.values()].flatMap((reads) => reads({}));
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

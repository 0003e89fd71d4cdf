import type { ViewReading } from '../../core/definitions/compiled.ts';
import type { CompiledRegistry } from '../../core/definitions/registry-view.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import { type ExplainQuestion, explain } from '../../core/explain/explain.ts';
import type { Explanation } from '../../core/explain/explanation.ts';
import { namedValues } from '../../core/explain/named-values.ts';
import { type StoreAnswer, withServed } from '../../core/explain/served.ts';
import { type ExplainTarget, findTarget } from '../../core/explain/target.ts';
import { explanationText } from '../../core/explain/text.ts';
import { evaluateOnDemand, type MemberReading, membersToRead } from '../../core/on-demand/evaluate.ts';
import type { OnlineReader } from '../../core/online/reader.ts';
import type { DataClock, SystemClock } from '../../core/ports/clocks.ts';
import type { Materializer } from '../../core/ports/materializer.ts';
import type { JoinedRow, JoinMode, OfflineStore } from '../../core/ports/offline-store.ts';
import type { Instant, Value } from '../../core/values/types.ts';
import { untilPast } from '../../runtime/past-instant.ts';

export interface ExplainDeps {
  readonly offline: OfflineStore;
  readonly reader: Pick<OnlineReader, 'read'>;
  readonly materializer: Pick<Materializer, 'hasHistory'>;
  readonly clock: DataClock;
  readonly systemClock: SystemClock;
}

/** `ExplainInput` of schema/offline.graphql. */
export interface ExplainInput {
  readonly feature: string;
  readonly service?: string | null;
  readonly version?: number | null;
  readonly key?: unknown;
  readonly request?: unknown;
  readonly at?: Instant | null;
  readonly knownAt?: Instant | null;
  readonly mode: JoinMode;
  readonly limit: number;
}

/** `FeatureExplanation` of schema/offline.graphql, but for what its resolvers take from the explanation. */
export interface FeatureExplanation {
  readonly explanation: Explanation;
  readonly text: string;
}

/** One explanation holds all of them at once. */
const mostRecords = 100_000;

/** What was applied online a moment ago reaches the history a moment later. */
const waitsMillis = [50, 200, 750];

/**
 * Explains one feature, and holds its value against what the stores answer: the offline store, and, of the present, the
 * online store too.
 *
 * @throws AsofError UNKNOWN_NAME, BAD_INPUT, NOT_READY while files of the history are unread, LIMIT_EXCEEDED
 */
export async function explainFeature(
  deps: ExplainDeps,
  registry: CompiledRegistry,
  input: ExplainInput,
  signal: AbortSignal,
): Promise<FeatureExplanation> {
  if (input.limit < 0 || input.limit > mostRecords) throw badLimit(input.limit);
  const target = findTarget(registry, input);
  const { joinColumns, requestInputs } = target.service;
  const key = namedValues(joinColumns, target.accepts.joinColumns, input.key, 'key');
  const request = namedValues(requestInputs, target.accepts.requestInputs, input.request, 'request');
  for (const { view } of membersToRead(target.service)) {
    if (!view.offline) throw noHistory(view.name);
    if (!(await deps.materializer.hasHistory(view.source))) throw notReady(view.source.name);
  }
  if (input.at != null) await untilPast(deps, 'at', input.at);
  if (input.knownAt != null) await untilPast(deps, 'knownAt', input.knownAt);
  const online = input.at == null && input.knownAt == null ? await readOnline(deps, target, key, request) : null;
  const t = input.at ?? online?.readAt ?? deps.clock.now();
  const question: ExplainQuestion = {
    key,
    request,
    t,
    knownAt: input.knownAt ?? t,
    mode: input.mode,
    limit: input.limit,
  };
  const isComparable = online !== null && input.mode === 'AS_SERVED';
  const explanation = await explainUntilAgreed(deps, target, question, {
    online: isComparable ? online.answers : [],
    signal,
  });
  return { explanation, text: explanationText(explanation) };
}

interface Comparison {
  readonly online: readonly StoreAnswer[];
  readonly signal: AbortSignal;
}

/** A difference may only mean that records are on their way into the history: it is one when it stays. */
async function explainUntilAgreed(
  { offline, systemClock }: ExplainDeps,
  target: ExplainTarget,
  question: ExplainQuestion,
  { online, signal }: Comparison,
): Promise<Explanation> {
  for (let attempt = 0; ; attempt++) {
    const served = await readOffline(offline, target, question, signal);
    const explained = await explain(target, question, (view, request) =>
      offline.recordsOfKey(view, { ...request, mostRecords, signal }),
    );
    const explanation = withServed(explained, [...online, ...served]);
    const wait = waitsMillis[attempt];
    if (wait === undefined || explanation.served.every(({ agrees }) => agrees)) return explanation;
    await systemClock.sleep(wait);
  }
}

/** The online store's answer and its instant; null where a view of the target is not kept there. */
async function readOnline(
  { reader }: ExplainDeps,
  target: ExplainTarget,
  key: ReadonlyMap<string, Value>,
  request: ReadonlyMap<string, Value>,
): Promise<{ readonly readAt: Instant; readonly answers: readonly StoreAnswer[] } | null> {
  const members = membersToRead(target.service);
  if (members.length === 0 || members.some(({ view }) => !view.online)) return null;
  const { readAt, readings } = await reader.read(
    members.map(({ view, features, joinColumns, maxAgeMillis }) => ({
      view,
      key: joinColumns.map((name) => key.get(name) ?? null),
      features,
      maxAgeMillis: view.kind === 'rows' ? maxAgeMillis : null,
    })),
  );
  if (readings.some(({ status }) => status === 'UNAVAILABLE')) {
    throw new AsofError('UNAVAILABLE', 'the online store did not answer', { remedy: 'Ask again in a moment.' });
  }
  // While it is being filled it answers NOT_READY, whatever the history says.
  if (readings.some(({ status }: ViewReading) => status === 'NOT_READY')) return { readAt, answers: [] };
  return { readAt, answers: [answerOf('online', target, readings, request)] };
}

async function readOffline(
  offline: OfflineStore,
  target: ExplainTarget,
  { key, request, t, knownAt, mode }: ExplainQuestion,
  signal: AbortSignal,
): Promise<readonly StoreAnswer[]> {
  const { service } = target;
  const members = membersToRead(service);
  if (members.length === 0) return [];
  const columns = [...service.joinColumns, ...service.requestInputs];
  const batches = offline.join({
    spine: {
      kind: 'rows',
      columns,
      rows: [columns.map(({ name }, index) => (index < service.joinColumns.length ? key : request).get(name) ?? null)],
      times: [t],
      knownAt: [knownAt],
    },
    members,
    mode,
    sources: [],
    withStatus: true,
    signal,
  });
  let joined: JoinedRow | undefined;
  for await (const rows of batches) joined ??= rows[0];
  return [answerOf('offline', target, joined!.members, request)];
}

/** @param readings one per member of `membersToRead` */
function answerOf(
  store: string,
  { service }: ExplainTarget,
  readings: readonly MemberReading[],
  request: ReadonlyMap<string, Value>,
): StoreAnswer {
  const [member] = service.members;
  const inputs = service.requestInputs.map(({ name }) => request.get(name) ?? null);
  const [computed] = evaluateOnDemand(service, readings, inputs);
  const { values, statuses, defaulted } = member === undefined ? computed! : readings[0]!;
  const type =
    member === undefined
      ? computed!.view.features[service.onDemand[0]!.features[0]!]!.type
      : member.view.features[member.features[0]!]!.type;
  return { store, type, value: values[0]!, status: statuses[0]!, defaulted: defaulted[0]! };
}

function badLimit(limit: number): AsofError {
  const details = { path: 'limit', expected: `0 to ${mostRecords}`, got: String(limit) };
  return new AsofError('BAD_INPUT', 'that many records cannot be listed', details);
}

function noHistory(name: string): AsofError {
  return new AsofError('BAD_INPUT', 'this view keeps no history that could explain it', {
    path: `views.${name}`,
    expected: 'a view with offline: true',
  });
}

function notReady(source: string): AsofError {
  return new AsofError('NOT_READY', 'files of its history are still being read', {
    path: `sources.${source}`,
    remedy: 'Try again when the backfill is done; `/readyz` tells.',
  });
}

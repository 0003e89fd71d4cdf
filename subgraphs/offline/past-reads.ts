import DataLoader from 'dataloader';
import { allFeatures, cellPlanOf } from '../../core/cells/cell-plan.ts';
import { finishCells } from '../../core/cells/finish-cells.ts';
import type { CompiledSource, CompiledView, ServiceMember, ViewReading } from '../../core/definitions/compiled.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { Materializer } from '../../core/ports/materializer.ts';
import type { JoinedRow, OfflineStore } from '../../core/ports/offline-store.ts';
import type { Field, Instant, Value } from '../../core/values/types.ts';
import { loaderKey, type RequestContext } from '../../runtime/context.ts';

/** One view of one key in the past. */
export interface PastRead {
  readonly view: CompiledView;
  readonly key: readonly Value[];
  readonly time: Instant;
  /** Only what had arrived by then; null = by `time`. */
  readonly knownAt: Instant | null;
  /** Tightens the view's own. */
  readonly maxAgeMillis: number | null;
}

export interface PastReads {
  load(read: PastRead): Promise<ViewReading>;
}

/** One join holds all of its answers at once. */
const mostReads = 50_000;

const readsOfRequest = loaderKey<PastReads>('offline reads');

interface PastReadsDeps {
  readonly offline: OfflineStore;
  readonly materializer: Pick<Materializer, 'hasHistory'>;
}

/** The reads of this execution: all of one wave are one point-in-time join. */
export function pastReads(context: RequestContext, deps: PastReadsDeps): PastReads {
  return context.loaders.of(
    readsOfRequest,
    () => new DataLoader<PastRead, ViewReading>((reads) => readWave(deps, reads, context.signal), { cache: false }),
  );
}

/** NOT_READY where a part of the history would be taken for the whole. */
async function readWave(
  { offline, materializer }: PastReadsDeps,
  reads: readonly PastRead[],
  signal: AbortSignal,
): Promise<ViewReading[]> {
  const sources = [...new Set(reads.map(({ view }) => view.source))];
  const whole = new Map<CompiledSource, boolean>();
  for (const source of sources) whole.set(source, await materializer.hasHistory(source));
  const isWhole = ({ view }: PastRead): boolean => whole.get(view.source) === true;
  const answerable = reads.filter(isWhole);
  const joined = answerable.length === 0 ? [] : await joinReads(offline, answerable, signal);
  let next = 0;
  return reads.map((read) => (isWhole(read) ? joined[next++]! : notReady(read)));
}

function notReady({ view, time }: PastRead): ViewReading {
  const cells = finishCells(cellPlanOf(view, allFeatures(view)), [], 'NOT_READY');
  return { status: 'NOT_READY', eventTime: null, readAt: time, version: view.version, ...cells };
}

/** Readings in the order of the reads. */
export async function joinReads(
  offline: Pick<OfflineStore, 'join'>,
  reads: readonly PastRead[],
  signal?: AbortSignal,
): Promise<ViewReading[]> {
  if (reads.length > mostReads) throw tooMany(reads.length);
  const layout = new SpineLayout();
  const places = reads.map((read) => ({ row: layout.row(read), member: layout.member(read) }));
  const rows: JoinedRow[] = [];
  const batches = offline.join({
    spine: layout.spine(),
    members: layout.members,
    mode: 'AS_SERVED',
    sources: [],
    withStatus: true,
    ...(signal === undefined ? {} : { signal }),
  });
  for await (const batch of batches) rows.push(...batch);
  return reads.map(({ view, time }, index) => {
    const { row, member } = places[index]!;
    return { ...rows[row]!.members[member]!, readAt: time, version: view.version };
  });
}

function tooMany(reads: number): AsofError {
  return new AsofError('LIMIT_EXCEEDED', 'too many keys, instants and views in one request', {
    path: 'asOf',
    expected: `at most ${mostReads} views of keys`,
    got: String(reads),
    remedy: 'Ask in several requests, or make a training dataset.',
  });
}

/**
 * One spine for reads of several entities: a column for each key part of each entity, NULL in the rows of the others,
 * and a row for each (key, time, known-at).
 */
class SpineLayout {
  readonly members: ServiceMember[] = [];
  readonly #columns: Field[] = [];
  readonly #columnsOf = new Map<string, readonly number[]>();
  readonly #memberIndexes = new Map<string, number>();
  readonly #rowIndexes = new Map<string, number>();
  readonly #rows: { readonly read: PastRead; readonly columns: readonly number[] }[] = [];

  member({ view, maxAgeMillis }: PastRead): number {
    const name = `${view.name}@${view.version}@${maxAgeMillis}`;
    const known = this.#memberIndexes.get(name);
    if (known !== undefined) return known;
    const index = this.members.length;
    this.#memberIndexes.set(name, index);
    this.members.push({
      alias: `m${index}`,
      view,
      joinColumns: this.#keyColumns(view).map((column) => this.#columns[column]!.name),
      features: allFeatures(view),
      maxAgeMillis,
    });
    return index;
  }

  row(read: PastRead): number {
    const columns = this.#keyColumns(read.view);
    const name = JSON.stringify([columns, read.key.map(String), read.time, read.knownAt]);
    const known = this.#rowIndexes.get(name);
    if (known !== undefined) return known;
    this.#rowIndexes.set(name, this.#rows.length);
    this.#rows.push({ read, columns });
    return this.#rows.length - 1;
  }

  spine(): { kind: 'rows'; columns: Field[]; rows: Value[][]; times: Instant[]; knownAt: (Instant | null)[] } {
    return {
      kind: 'rows',
      columns: this.#columns,
      rows: this.#rows.map(({ read, columns }) => {
        const row: Value[] = this.#columns.map(() => null);
        for (const [part, column] of columns.entries()) row[column] = read.key[part] ?? null;
        return row;
      }),
      times: this.#rows.map(({ read }) => read.time),
      knownAt: this.#rows.map(({ read }) => read.knownAt),
    };
  }

  #keyColumns({ entity, key }: CompiledView): readonly number[] {
    const name = JSON.stringify([entity, key.map(({ type }) => type)]);
    const known = this.#columnsOf.get(name);
    if (known !== undefined) return known;
    const columns = key.map(({ type }) => this.#columns.push({ name: `k${this.#columns.length}`, type }) - 1);
    this.#columnsOf.set(name, columns);
    return columns;
  }
}

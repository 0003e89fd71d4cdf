import type { CompiledView } from '../../core/definitions/compiled.ts';
import type { CompiledRegistry } from '../../core/definitions/registry-view.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { OnlineWriter } from '../../core/online/writer.ts';
import type { Adoption, Adoptions } from '../../core/ports/adoptions.ts';
import { topicOf } from '../../core/records/topic.ts';
import type { LetterBox } from './letters.ts';
import type { AppliedOffsets, TakenPartition } from './offsets.ts';
import { applyLog, type ReadLogDeps } from './read-log.ts';
import { onlineVersions } from './routes.ts';

/*
 * A view version is filled elsewhere, up to a position of each partition. From there on its records are the stream's: the
 * owner of each partition applies what lies between that position and where it stands, and then every batch. It says so with
 * a number that it commits together with its offset: "of every adoption up to this number, all records before this offset
 * are in the online store". Whoever has the partition next builds upon that, and the fill is whole when all have said it.
 */

/** The views that this process keeps up to date, each building upon the fill that it has adopted. */
export interface AdoptedViews {
  /** The fill's token; undefined = the view is not this process's to write. */
  fillOf(view: CompiledView): string | undefined;
  /** What is committed with the offsets. */
  note(): string;
  /** Brings partitions that were just taken over up to the others. Only while nothing is applied. */
  takeOver(taken: readonly TakenPartition[]): Promise<void>;
  /** Adopts what was published since; `exclusive` runs its work while nothing is applied. */
  adopt(exclusive: (work: () => Promise<void>) => Promise<void>): Promise<void>;
}

export interface AdoptionDeps extends ReadLogDeps {
  readonly registry: () => CompiledRegistry;
  readonly adoptions: Pick<Adoptions, 'list'>;
  readonly writer: OnlineWriter;
  readonly deadLetters: Pick<LetterBox, 'reported'>;
  readonly offsets: Pick<AppliedOffsets, 'assigned' | 'next'>;
}

interface KnownAdoption {
  readonly adoption: Adoption;
  readonly view: CompiledView;
  readonly topic: string;
}

export function createAdoptedViews(deps: AdoptionDeps): AdoptedViews {
  const { adoptions, offsets } = deps;
  const fills = new Map<string, string>();
  /** What has been adopted, by number ascending; null = not asked for yet. */
  let adopted: readonly KnownAdoption[] | null = null;
  let passed = 0;
  /** What was passed when each partition was last brought up: `topic/partition`. */
  const reached = new Map<string, number>();

  /** Up to the first whose view this process has not heard of yet. */
  async function list(): Promise<{ readonly known: readonly KnownAdoption[]; readonly unknown: Adoption | null }> {
    const published = await adoptions.list();
    const views = new Map(onlineVersions(deps.registry()).map((view) => [idOf(view.name, view.version), view]));
    const known: KnownAdoption[] = [];
    for (const adoption of published) {
      const view = views.get(idOf(adoption.view, adoption.version));
      if (view === undefined) return { known, unknown: adoption };
      const topic = topicOf(view.source);
      if (topic !== null) known.push({ adoption, view, topic });
    }
    return { known, unknown: null };
  }

  /** Of each own partition that is not so far, what lies between the fill and where the partition stands. */
  async function catchUp({ adoption, view, topic }: KnownAdoption, done: Map<string, number>): Promise<void> {
    for (const partition of offsets.assigned(topic)) {
      const place = `${topic}/${partition}`;
      if ((reached.get(place) ?? 0) >= adoption.number) continue;
      const from = done.get(place) ?? (adoption.positions[place] ?? -1) + 1;
      const to = offsets.next(topic).get(partition) ?? 0;
      // Keys that are refused are of a shard that has lost this fill: it will not be taken for whole.
      await applyLog(deps, { view, token: adoption.token }, { topic, partition, from, to });
      done.set(place, Math.max(from, to));
    }
  }

  async function take(known: readonly KnownAdoption[], done: ReadonlyMap<KnownAdoption, Map<string, number>>) {
    for (const one of known) {
      await catchUp(one, done.get(one) ?? new Map());
      fills.set(idOf(one.view.name, one.view.version), one.adoption.token);
    }
  }

  /** From here on every own partition has adopted all that was passed. */
  function pass(number: number): void {
    passed = Math.max(passed, number);
    reached.clear();
    for (const topic of new Set((adopted ?? []).map((one) => one.topic))) {
      for (const partition of offsets.assigned(topic)) reached.set(`${topic}/${partition}`, passed);
    }
  }

  return {
    fillOf: ({ name, version }) => fills.get(idOf(name, version)),
    note: () => String(passed),

    async takeOver(taken) {
      const said = taken.map(({ committed }) => numberOf(committed.note));
      const farthest = Math.max(passed, ...said);
      // While the registry is away, what is known will do where nobody has adopted more.
      if (adopted === null || farthest > passed) {
        const { known, unknown } = await list();
        if (unknown !== null && unknown.number <= farthest) throw unknownView(unknown);
        adopted = known;
      }
      for (const [index, { topic, partition }] of taken.entries()) reached.set(`${topic}/${partition}`, said[index]!);
      await take(adopted, new Map());
      pass(Math.max(farthest, adopted.at(-1)?.adoption.number ?? 0));
    },

    async adopt(exclusive) {
      const { known } = await list();
      const fresh = known.filter(({ adoption }) => adoption.number > passed);
      if (fresh.length === 0) return;
      // Most of it beside the stream, and while that stands still only the rest.
      const done = new Map(fresh.map((one) => [one, new Map<string, number>()]));
      for (const one of fresh) await catchUp(one, done.get(one)!);
      await exclusive(async () => {
        // Partitions taken over meanwhile may have brought newer adoptions of the same views.
        const left = fresh.filter(({ adoption }) => adoption.number > passed);
        if (left.length === 0) return;
        await take(left, done);
        adopted = known;
        pass(left.at(-1)!.adoption.number);
      });
    },
  };
}

function idOf(view: string, version: number): string {
  return `${view}@${version}`;
}

/** 0 = nothing was adopted, as far as the note tells. */
function numberOf(note: string | null): number {
  return note !== null && /^\d+$/.test(note) ? Number(note) : 0;
}

function unknownView({ view, version }: Adoption): AsofError {
  return new AsofError(
    'UNAVAILABLE',
    'the view is kept up to date by others, and this process has not heard of it yet',
    {
      path: `${view} version ${version}`,
      remedy: 'It is tried again; see whether this process can read the registry, and is not of an older release',
    },
  );
}

import { foreignShards } from '../../core/online/ready.ts';
import type { Adoptions } from '../../core/ports/adoptions.ts';
import type { SystemClock } from '../../core/ports/clocks.ts';
import type { EventLog } from '../../core/ports/event-log.ts';
import type { Positions } from '../../core/ports/offline-store.ts';
import type { OnlineStore } from '../../core/ports/online-store.ts';
import { topicOf } from '../../core/records/topic.ts';
import type { Bell } from '../bell.ts';
import { type Filling, lostMeanwhile } from './fill-view.ts';
import type { JobProgress } from './jobs.ts';

export interface HandOverDeps {
  readonly adoptions: Adoptions;
  readonly log: Pick<EventLog, 'endOffsets' | 'committed'>;
  readonly online: Pick<OnlineStore, 'shards' | 'getMany'>;
  /** The consumer group of the ingest processes. */
  readonly group: string;
  readonly systemClock: Pick<SystemClock, 'sleep'>;
  /** Rings when an ingest of this process has committed, so that nobody waits for the next look. */
  readonly committed: Bell;
}

/** How often to look whether those of other processes have committed. */
const lookMillis = 500;

/** So often in vain, and it is said what is waited for. */
const patience = 4;

/**
 * Hands a filled view version over to the stream: resolves when the owner of every partition of its topic goes on with it.
 * With no ingest process it waits for one.
 *
 * @throws AsofError UNAVAILABLE, CONFLICT when the fill is lost, or another has been begun
 */
export async function handOver(
  deps: HandOverDeps,
  { view, token, positions }: Filling & { readonly positions: Positions },
  { signal, done, say }: Pick<JobProgress, 'signal' | 'done' | 'say'>,
): Promise<void> {
  const topic = topicOf(view.source);
  if (topic === null) return;
  const fill = { view: view.name, version: view.version, token };
  const { number } = await deps.adoptions.publish(fill, positions);
  const ends = await deps.log.endOffsets(topic);
  // What lies beyond the fill comes by its owners: it belongs to what the job has brought about.
  let beyond = 0;
  for (const [partition, end] of ends) beyond += Math.max(0, end - 1 - (positions.get(`${topic}/${partition}`) ?? -1));
  done(beyond, 0);
  for (let looks = 0; ; looks++) {
    signal.throwIfAborted();
    const committed = await deps.log.committed(deps.group, topic);
    const all = new Set([...committed.keys(), ...ends.keys()]);
    const missing = [...all].filter((partition) => !(Number(committed.get(partition)?.note ?? 0) >= number));
    if (missing.length === 0) break;
    const [foreign] = await foreignShards(deps.online, [{ ...view, token }]);
    if (foreign!.length > 0) throw lostMeanwhile(view);
    if (looks === patience) {
      say(
        `waits until an ingest process goes on with ${view.name} version ${view.version} ` +
          `in topic ${topic}, partition ${missing.join(', ')}`,
      );
    }
    await deps.committed.heard(signal, { clock: deps.systemClock, millis: lookMillis });
  }
  // Whoever goes on with a higher number has seen ours only if it was there until now.
  const published = await deps.adoptions.list();
  if (!published.some((adoption) => adoption.number === number)) throw lostMeanwhile(view);
  say(null);
}

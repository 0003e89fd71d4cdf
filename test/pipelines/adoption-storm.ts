import type { MaterializationJob } from '../../core/ports/materializer.ts';
import { seeded } from '../exactly-once/seeded.ts';
import { clicksDefinitions, clicksView, registryOf } from './clicks.ts';
import { createGroupWorld, type Filler, type GroupWorld, type Member, viewsOf } from './group-world.ts';

const narrow = registryOf(clicksDefinitions);
const wide = registryOf(clicksDefinitions, { ...clicksDefinitions, views: [clicksView({ grain: '1m' })] });

/** What happens in a storm; for who wants to know why it ended as it did. */
export interface StormReport {
  readonly world: GroupWorld;
  readonly members: readonly Member[];
  readonly told: readonly string[];
}

/**
 * Members come, die, sleep and wake up; fillers too, several of which take themselves for the one that leads; shards are
 * lost, a version is added, rebuilds are asked for; and events come all the while. In the end one filler is left, and
 * resolves when every view is ready and every event is ingested.
 */
export async function runAdoptionStorm(seed: number, blows: number): Promise<StormReport> {
  const random = seeded(seed);
  const pick = <T>(items: readonly T[]): T | undefined => items[Math.floor(random() * items.length)];
  const world = createGroupWorld(narrow, () => (random() < 0.3 ? Math.floor(random() * 4) : 0));
  const told: string[] = [];
  const members: Member[] = [world.member()];
  const asleep = new Map<Member | Filler, number>();
  const fillers: Filler[] = [];
  const settle = async (turns: number): Promise<void> => {
    for (let turn = 0; turn < turns; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
  };
  const lead = (): Filler => {
    const filler = world.filler();
    fillers.push(filler);
    void (async () => {
      while (filler.process.isAlive) {
        await filler.materializer.ensureReady(world.registry).catch(() => {});
        await filler.states.recheck(viewsOf(world)).catch(() => {});
        await world.clock.sleep(500);
      }
    })();
    return filler;
  };
  const remove = (member: Member): void => {
    member.process.kill();
    member.log.expel();
    members.splice(members.indexOf(member), 1);
    asleep.delete(member);
  };
  const awake = (): Member[] => members.filter((member) => !asleep.has(member));

  const happenings: Readonly<Record<string, () => Promise<void> | void>> = {
    push: () => world.push(Math.floor(random() * 40)),
    join: () => {
      if (members.length < 3) members.push(world.member({ flushRecords: 5 + Math.floor(random() * 60) }));
    },
    kill: () => {
      const victim = pick(members);
      if (victim !== undefined) remove(victim);
      if (members.length === 0) members.push(world.member());
    },
    freeze: () => {
      const victim = pick(awake());
      if (victim === undefined) return;
      victim.process.freeze();
      asleep.set(victim, 1 + Math.floor(random() * 4));
    },
    lose: () => world.store.lose(random() < 0.5 ? 'left' : 'right'),
    empty: async () => {
      for (const shard of world.store.shards) await world.store.lose(shard);
    },
    add: async () => {
      world.registry = wide;
      for (const { ingest } of awake()) void ingest.registryChanged();
    },
    rebuild: async () => {
      const filler = fillers.at(-1);
      void filler?.materializer.rebuild(['user_clicks'], { discard: random() < 0.7 }).catch(() => {});
    },
    lead: () => {
      lead();
    },
    sleepingLead: () => {
      const filler = pick(fillers);
      if (filler === undefined || asleep.has(filler)) return;
      filler.process.freeze();
      asleep.set(filler, 1 + Math.floor(random() * 5));
      lead();
    },
    killLead: () => {
      fillers.pop()?.process.kill();
      lead();
    },
  };
  const names = Object.keys(happenings);
  lead();
  for (let blow = 0; blow < blows; blow++) {
    const name = random() < 0.3 ? 'push' : pick(names)!;
    told.push(name);
    await happenings[name]!();
    await settle(Math.floor(random() * 60));
    if (random() < 0.7) await world.clock.advance(Math.floor(random() * 1_500));
    for (const [one, left] of asleep) {
      asleep.set(one, left - 1);
      // Sometimes it is silent for so long that others have its partitions when it wakes up.
      if (left === 2 && 'log' in one) one.log.expel();
      if (left <= 0) {
        asleep.delete(one);
        one.process.thaw();
      }
    }
  }
  for (const [one] of asleep) one.process.thaw();
  if (members.length === 0) members.push(world.member());
  await settle(100);
  world.registry = wide;
  for (const filler of fillers) filler.process.kill();
  for (const { ingest } of members) void ingest.registryChanged();
  lead();
  await world.push(20);
  await world.until(async () => {
    if (!(await world.isIngested(members))) return false;
    const jobs = (await world.documents.listDocuments('materializations', 1_000)) as readonly MaterializationJob[];
    if (jobs.some(({ finishedAt }) => finishedAt === null)) return false;
    for (const view of viewsOf(world)) if (!(await world.isReady(view))) return false;
    return true;
  }, 600_000);
  await world.push(20);
  await world.until(() => world.isIngested(members));
  await world.clock.advance(60_000);
  for (const filler of fillers) filler.process.kill();
  return { world, members, told };
}

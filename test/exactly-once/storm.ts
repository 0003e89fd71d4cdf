import { fileURLToPath } from 'node:url';
import type { EventLog } from '../../core/ports/event-log.ts';
import { type RunningFile, runFile } from '../processes/run-file.ts';
import { type ShopTopic, shopPartitions, shopTopics } from './definitions.ts';
import { shopEvents } from './events.ts';
import { seeded } from './seeded.ts';

export interface Storm {
  readonly log: EventLog;
  /** What members are started with: brokers, Redis, and the folder they share. */
  readonly memberArgs: readonly string[];
  readonly events: number;
  /** So often something happens to a member while events come. */
  readonly blows: number;
  readonly seed: number;
  readonly until: number;
}

export const memberFile = fileURLToPath(new URL('./member.ts', import.meta.url));
const appendRecords = 1_000;

const kinds = ['kill', 'freeze', 'stop', 'kill'] as const;

/** Somewhere in its batches, or where the order of steps matters: in a flush, or between flush and commit. */
const moments = ['batch', 'flushing', 'committing'] as const;
type Moment = (typeof moments)[number];

/** Sends the events while members are killed, stopped, frozen and joined; resolves with members that run. */
export async function runStorm({ log, memberArgs, events, blows, seed, until }: Storm): Promise<RunningFile[]> {
  const random = seeded(seed);
  let started = 0;
  const start = (): RunningFile => runFile(memberFile, [...memberArgs, `member-${++started}`]);
  const stream = shopEvents(events, seed, until);
  // The topics exist before anybody reads them, so that all members have them from the start.
  await sendSome(log, stream, Math.floor(events / (blows + 1)));
  const members = [start(), start()];
  await Promise.all(members.map((member) => lineAfter(member, 0, /^assigned/)));
  for (let blow = 0; blow < blows; blow++) {
    // The third joins when half is over.
    if (blow === Math.floor(blows / 2)) members.push(start());
    const victim = Math.floor(random() * members.length);
    const member = members[victim]!;
    await member.lineWhere(() => ownedBy([member]) > 0);
    const kind = kinds[blow % kinds.length]!;
    const hit = momentOf(member, kind === 'freeze' ? 'flushing' : moments[Math.floor(random() * 3)]!, random);
    await sendSome(log, stream, Math.floor(events / (blows + 1)));
    await hit;
    if (kind === 'freeze') {
      await freeze(member, members, () => sendSome(log, stream, appendRecords));
      continue;
    }
    await (kind === 'stop' ? end(member) : member.kill());
    members[victim] = start();
  }
  await sendSome(log, stream, Number.POSITIVE_INFINITY);
  return members;
}

/** Ends it as a deployment does. */
export async function end(member: RunningFile): Promise<void> {
  await member.lineWhere((line) => line === 'started');
  member.child.kill('SIGTERM');
  await member.lineWhere((line) => line === 'stopped');
}

/** Halts a member until others have its partitions and have committed what it was at, and lets it wake up late. */
async function freeze(
  member: RunningFile,
  members: readonly RunningFile[],
  sendMore: () => Promise<void>,
): Promise<void> {
  const others = members.filter((one) => one !== member);
  member.child.kill('SIGSTOP');
  await Promise.any(others.map((other) => other.lineWhere(() => ownedBy(others) === shopPartitions)));
  const commits = others.map((other) => momentOf(other, 'committing', () => 0));
  await sendMore();
  await Promise.all(commits);
  const asleep = member.lines.length;
  member.child.kill('SIGCONT');
  await lineAfter(member, asleep, /^assigned/);
}

/** How many partitions these members have, by what they said last. */
export function ownedBy(members: readonly RunningFile[]): number {
  const last = members.map(({ lines }) => lines.findLast((line) => line.startsWith('assigned')));
  return last.reduce((sum, line) => sum + Number(line?.split(' ')[1] ?? 0), 0);
}

function lineAfter(member: RunningFile, from: number, pattern: RegExp): Promise<string> {
  return member.lineWhere((line) => pattern.test(line) && member.lines.lastIndexOf(line) >= from);
}

function momentOf(member: RunningFile, moment: Moment, random: () => number): Promise<string> {
  const count = (): number => member.lines.filter((line) => line.startsWith(moment)).length;
  const enough = count() + 1 + Math.floor(random() * (moment === 'batch' ? 6 : 2));
  return member.lineWhere(() => count() >= enough);
}

export async function sendSome(log: EventLog, stream: ReturnType<typeof shopEvents>, count: number): Promise<void> {
  let left = count;
  while (left > 0) {
    const byTopic = new Map<ShopTopic, Parameters<EventLog['append']>[1][number][]>(
      shopTopics.map((topic) => [topic, []]),
    );
    for (let taken = 0; taken < appendRecords && left > 0; taken++, left--) {
      const { value, done } = stream.next();
      if (done === true) {
        left = 0;
        break;
      }
      byTopic.get(value.topic)!.push(value.entry);
    }
    for (const [topic, entries] of byTopic) await log.append(topic, entries);
  }
}

import type { DataClock } from '../../core/ports/clocks.ts';
import type { CommittedOffset, ConsumeOptions, EventLog, LogRecord } from '../../core/ports/event-log.ts';
import { linkSignals } from '../../core/time/linked-signal.ts';

/** A log in memory whose consumer group has members of several processes; as a broker, it knows nothing of what they do. */
export interface GroupLog {
  /** The log as one process has it. */
  connect(): MemberLog;
  /** Lets everybody see what has changed. */
  readonly generation: number;
}

export interface MemberLog extends EventLog {
  /** Takes the process's partitions away, as from one that is dead or silent; it may come back by itself. */
  expel(): void;
}

interface Member {
  readonly options: ConsumeOptions;
  generation: number;
  /** Where it waits for the next arrangement. */
  join: ((assignment: ReadonlyMap<string, readonly number[]>) => void) | null;
  leaving: AbortController;
}

export function createGroupLog(
  clock: Pick<DataClock, 'stampArrival'>,
  topic: string,
  partitionCount: number,
): GroupLog {
  const partitions = Array.from({ length: partitionCount }, (): LogRecord[] => []);
  const committed = new Map<number, CommittedOffset>();
  const members = new Set<Member>();
  const waiting = new Set<() => void>();
  let generation = 0;
  let isArranged = true;
  let spread = 0;

  const wake = (): void => {
    for (const one of [...waiting]) one();
    waiting.clear();
  };
  const rearrange = (): void => {
    isArranged = false;
    for (const member of members) member.leaving.abort(new Error('the group is arranged anew'));
    wake();
    arrange();
  };
  /** When all that are left wait for it. */
  const arrange = (): void => {
    const all = [...members];
    if (isArranged || all.some(({ join }) => join === null)) return;
    isArranged = true;
    generation++;
    const owners = all.map((): number[] => []);
    for (let index = 0; index < partitionCount; index++) owners[(index + generation) % all.length]?.push(index);
    for (const [index, member] of all.entries()) {
      member.generation = generation;
      member.leaving = new AbortController();
      member.join!(new Map([[topic, owners[index]!]]));
      member.join = null;
    }
  };

  async function consume(options: ConsumeOptions, current: (member: Member | null) => void): Promise<void> {
    const { signal } = options;
    const member: Member = { options, generation: -1, join: null, leaving: new AbortController() };
    current(member);
    signal.addEventListener('abort', wake);
    const joined = async (): Promise<ReadonlyMap<number, number>> => {
      members.add(member);
      const assignment = new Promise<ReadonlyMap<string, readonly number[]>>((resolve) => {
        member.join = resolve;
      });
      if (isArranged) rearrange();
      else arrange();
      const own = (await assignment).get(topic) ?? [];
      await options.onAssigned?.(new Map([[topic, own]]));
      return new Map(own.map((partition) => [partition, committed.get(partition)?.offset ?? 0]));
    };
    try {
      while (!signal.aborted) {
        const next = new Map(await joined());
        while (!signal.aborted && member.generation === generation && isArranged) {
          const behind = [...next].filter(([partition, offset]) => offset < partitions[partition]!.length);
          const found = behind[spread++ % Math.max(1, behind.length)];
          if (found === undefined) {
            await new Promise<void>((resolve) => waiting.add(resolve));
            continue;
          }
          const [partition, offset] = found;
          const records = partitions[partition]!.slice(offset, offset + options.maxBatchRecords);
          try {
            using either = linkSignals(signal, member.leaving.signal);
            await options.onBatch({ topic, partition, records }, either.signal);
          } catch (error) {
            if (signal.aborted || member.leaving.signal.aborted) break;
            throw error;
          }
          next.set(partition, offset + records.length);
        }
        await options.onReleasing?.();
      }
    } finally {
      signal.removeEventListener('abort', wake);
      members.delete(member);
      current(null);
      rearrange();
    }
  }

  return {
    get generation() {
      return generation;
    },
    connect() {
      let member: Member | null = null;
      return {
        name: 'group log',
        async append(_topic, entries) {
          const positions = entries.map(({ payload, key }) => {
            const partition = Number(key) % partitionCount;
            const record = { partition, offset: partitions[partition]!.length, arrival: clock.stampArrival(), payload };
            partitions[partition]!.push(record);
            return record;
          });
          wake();
          return positions;
        },
        partitions: async () => [...partitions.keys()],
        read: async (_topic, partition, offset, limit) => partitions[partition]!.slice(offset, offset + limit),
        endOffsets: async () => new Map(partitions.map(({ length }, partition) => [partition, length])),
        consume: (options) => consume(options, (now) => (member = now)),
        async commit(_group, _topic, offsets, note) {
          // A broker does not look whose the partitions are; the adapter leaves others out.
          if (member === null || member.generation !== generation || !members.has(member)) return;
          for (const [partition, offset] of offsets) committed.set(partition, { offset, note: note ?? null });
        },
        committed: async () => new Map(committed),
        expel() {
          if (member === null || !members.delete(member)) return;
          rearrange();
        },
        [Symbol.asyncDispose]: async () => {},
      };
    },
  };
}

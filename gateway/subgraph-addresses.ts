import { Pool } from 'undici';
import type { SystemClock } from '../core/ports/clocks.ts';
import { remainingMillis } from '../core/time/remaining.ts';

/** A process that takes a connection and says nothing is as good as away. */
export const connectMillis = 10_000;

/** More wait in line: a process that answers slowly is not helped by more at once. */
const mostConnections = 128;

/** So long one that did not answer is asked only when no other is there. */
const awayMillis = 1_000;

/** One of the processes of a subgraph. */
export interface SubgraphProcess {
  /** `http://host:port` */
  readonly origin: string;
  readonly pool: Pool;
}

/** The processes that serve one subgraph; each can answer for all of them. */
export interface SubgraphAddresses {
  readonly count: number;
  /** One after the other in turn, those that did not answer just now last. */
  pick(): SubgraphProcess;
  /** It did not answer, or said that it cannot. */
  failed(process: SubgraphProcess): void;
  close(): Promise<void>;
}

export function createSubgraphAddresses(urls: readonly string[], systemClock: SystemClock): SubgraphAddresses {
  const processes = urls.map((url) => {
    const { origin } = new URL(url);
    const pool = new Pool(origin, {
      connections: mostConnections,
      connect: { timeout: connectMillis },
      // Whoever asks knows how long to wait.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    return { origin, pool };
  });
  const awayUntil = new Map<SubgraphProcess, number>();
  let turn = 0;
  return {
    count: processes.length,
    pick() {
      if (processes.length === 1) return processes[0]!;
      const inTurn = processes.map((_, index) => processes[(turn + index) % processes.length]!);
      turn = (turn + 1) % processes.length;
      const now = systemClock.nowMillis();
      const isThere = (process: SubgraphProcess) => remainingMillis(awayUntil.get(process) ?? 0, now, awayMillis) === 0;
      return inTurn.find(isThere) ?? inTurn[0]!;
    },
    failed(process) {
      awayUntil.set(process, systemClock.nowMillis() + awayMillis);
    },
    async close() {
      await Promise.all(processes.map(({ pool }) => pool.destroy()));
    },
  };
}

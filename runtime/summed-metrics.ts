import { AggregatorRegistry } from 'prom-client';
import type { SystemClock } from '../core/ports/clocks.ts';
import { createDeadline } from '../core/time/deadline.ts';
import type { Counts, Exposed, Metrics } from './metrics.ts';

/** A process whose counts go into the sum. */
export interface CountedProcess {
  /** As in `worker 1`. */
  readonly name: string;
  counts(): Promise<Counts>;
}

/** What several processes count, as if they were one. */
export interface SummedMetrics extends Disposable {
  expose(): Promise<Exposed>;
  /** It has ended: what it counted last stays in the sum, which a counter may not fall behind; its gauges are gone. */
  ended(process: CountedProcess): void;
}

const answerMillis = 1_000;

/**
 * Sums up this process and the others. Who does not answer within a second is left out but for what it has counted before,
 * and the text says so.
 */
export function createSummedMetrics(deps: {
  readonly own: Pick<Metrics, 'counts'>;
  readonly others: () => readonly CountedProcess[];
  readonly systemClock: SystemClock;
}): SummedMetrics {
  const { own, others } = deps;
  const deadline = createDeadline(deps.systemClock, answerMillis);
  const newest = new Map<CountedProcess, Counts>();
  let past: Counts = [];

  /** Null = it does not answer. */
  async function ask(process: CountedProcess): Promise<Counts | null> {
    const asked = process.counts().then(
      (counts) => {
        newest.set(process, counts);
        return counts;
      },
      () => null,
    );
    return (await deadline.within(asked)) ? asked : null;
  }

  return {
    async expose() {
      const asked = others();
      const [mine, ...theirs] = await Promise.all([own.counts(), ...asked.map(ask)]);
      const silent = asked.filter((_, index) => theirs[index] === null);
      const heard = theirs.map((counts, index) => counts ?? onlyCounted(newest.get(asked[index]!) ?? []));
      const sum = AggregatorRegistry.aggregate([mine, ...heard, past].map((counts) => [...counts]));
      const notes = silent.map(
        ({ name }) => `# ${name} has not answered within ${answerMillis} ms: this lacks what is new of it\n`,
      );
      return { contentType: sum.contentType, text: `${notes.join('')}${await sum.metrics()}` };
    },
    ended(process) {
      const last = newest.get(process);
      newest.delete(process);
      if (last === undefined) return;
      const sum = AggregatorRegistry.aggregate([[...past], [...onlyCounted(last)]]);
      // What it has put together is there at once; its types know only of what is collected later.
      past = sum.getMetricsAsArray() as unknown as Counts;
    },
    [Symbol.dispose]: () => deadline.close(),
  };
}

function onlyCounted(counts: Counts): Counts {
  // The types of prom-client's own data are a numeric enum; what it gives are words.
  return counts.filter(({ type }) => ['counter', 'histogram'].includes(String(type)));
}

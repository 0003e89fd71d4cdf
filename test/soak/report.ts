import { readFileSync, writeFileSync } from 'node:fs';
import { minima, quantile, rise, type Sample } from './samples.ts';

export interface SoakResult {
  readonly commit: string;
  readonly seed: number;
  readonly minutes: number;
  readonly readsPerSecond: number;
  readonly greatestReadsPerSecond: number;
  readonly eventsPerSecond: number;
  readonly visits: number;
  readonly heard: number;
  readonly reads: number;
  readonly failures: readonly string[];
  readonly samples: Readonly<Record<string, readonly Sample[]>>;
  /** Per minute. */
  readonly p50Millis: readonly number[];
  readonly p99Millis: readonly number[];
}

/** What has grown: over the second half, when caches are full and everything has been done many times. */
export interface Verdict {
  readonly process: string;
  readonly what: 'resident memory' | 'heap' | 'descriptors';
  readonly mean: number;
  readonly rises: number;
  readonly allowed: number;
}

const megabyte = 1024 ** 2;

export function verdictsOf({ samples, minutes }: SoakResult): Verdict[] {
  return Object.entries(samples).flatMap(([process, taken]) => {
    // Of a minute that begins when the run ends there is one sample, which is the least of nothing.
    const all = taken.filter(({ seconds }) => seconds < minutes * 60);
    const verdict = (what: Verdict['what'], measure: (sample: Sample) => number, least: number): Verdict => {
      const values = minima(all, measure);
      const second = values.slice(Math.floor(values.length / 2));
      const mean = second.reduce((sum, value) => sum + value, 0) / second.length;
      return { process, what, mean, rises: rise(second), allowed: Math.max(least, mean * 0.1) };
    };
    return [
      verdict('resident memory', ({ residentBytes }) => residentBytes, 16 * megabyte),
      verdict('heap', ({ heapBytes }) => heapBytes, 8 * megabyte),
      verdict('descriptors', ({ descriptors }) => descriptors, 5),
    ];
  });
}

/** Latency of the last quarter against that of the second: flat, but for what a busy machine does to one of them. */
export function latencyIsFlat({ p99Millis }: SoakResult): boolean {
  const quarter = Math.max(1, Math.floor(p99Millis.length / 4));
  const early = quantile(p99Millis.slice(quarter, 2 * quarter), 0.5);
  const late = quantile(p99Millis.slice(-quarter), 0.5);
  return late <= early * 1.5 + 5;
}

export function tableOf(result: SoakResult): string {
  const shown = (verdict: Verdict, value: number) =>
    verdict.what === 'descriptors' ? value.toFixed(0) : `${(value / megabyte).toFixed(1)} MiB`;
  const rows = verdictsOf(result).map(
    (one) =>
      `| ${one.process} | ${one.what} | ${shown(one, one.mean)} | ${shown(one, one.rises)} | ${shown(one, one.allowed)} |`,
  );
  const { minutes, seed, commit, p50Millis, p99Millis } = result;
  const share = (100 * result.readsPerSecond) / result.greatestReadsPerSecond;
  const spread = (values: readonly number[]) =>
    `${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)} ms`;
  return [
    `${minutes} minutes, seed ${seed}, commit ${commit}: ${result.readsPerSecond.toFixed(0)} reads a second, ` +
      `${share.toFixed(0)} % of the ${result.greatestReadsPerSecond.toFixed(0)} that were possible just before, each of five users and two views; ` +
      `${result.eventsPerSecond} events a second; ${result.visits} subscribers, of 20 users each, who came and went and heard ` +
      `${result.heard} times. ${result.reads} reads, ${result.failures.length} failed. By minute, p50 was ` +
      `${spread(p50Millis)}, p99 ${spread(p99Millis)}.`,
    '',
    '| process | what | mean of the second half | rises over it by | allowed |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

const [begin, end] = ['<!-- produced by npm run soak -->', '<!-- end of the soak -->'];

export function writeTable(file: string, result: SoakResult): void {
  const text = readFileSync(file, 'utf8');
  const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
  writeFileSync(file, `${text.slice(0, from)}\n\n${tableOf(result)}\n\n${text.slice(to)}`);
}

import { readdirSync, readFileSync } from 'node:fs';

/** One process at one moment. */
export interface Sample {
  readonly seconds: number;
  readonly residentBytes: number;
  readonly heapBytes: number;
  readonly descriptors: number;
}

/** What the kernel says of a process, and what it says of itself. */
export function takeSample(pid: number, seconds: number, metrics: string): Sample {
  const [, kilobytes = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  const [, heap = '0'] = /^asof_nodejs_heap_size_used_bytes (\d+)/m.exec(metrics) ?? [];
  return {
    seconds,
    residentBytes: Number(kilobytes) * 1_024,
    heapBytes: Number(heap),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
  };
}

export type Measure = (sample: Sample) => number;

/** The least of each minute: a heap that is collected now and then is as small as it was after the last time. */
export function minima(samples: readonly Sample[], measure: Measure): readonly number[] {
  const least = new Map<number, number>();
  for (const sample of samples) {
    const minute = Math.floor(sample.seconds / 60);
    least.set(minute, Math.min(least.get(minute) ?? Number.POSITIVE_INFINITY, measure(sample)));
  }
  return [...least].sort(([a], [b]) => a - b).map(([, value]) => value);
}

/** By how much the line of least squares through these rises from the first to the last. */
export function rise(values: readonly number[]): number {
  const meanAt = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let [together, alone] = [0, 0];
  for (const [at, value] of values.entries()) {
    together += (at - meanAt) * (value - mean);
    alone += (at - meanAt) ** 2;
  }
  return alone === 0 ? 0 : (together / alone) * (values.length - 1);
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

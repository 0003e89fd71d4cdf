import { MultiBar, Presets, type SingleBar } from 'cli-progress';
import type { MaterializationJob } from '../../core/ports/materializer.ts';

export interface ProgressBars {
  update(job: MaterializationJob): void;
  stop(): void;
}

/** A bar per running job on a terminal; a line when it ends, so that logs stay readable. */
export function createProgressBars(): ProgressBars {
  const isTerminal = process.stderr.isTTY === true;
  const multi = isTerminal
    ? new MultiBar(
        { format: ' {bar} {percentage}% {value}/{total} {views}', stream: process.stderr },
        Presets.shades_classic,
      )
    : null;
  const bars = new Map<string, SingleBar>();
  const ended = new Set<string>();
  return {
    update(job) {
      const total = Math.max(job.recordsTotal ?? 0, job.recordsDone, 1);
      if (job.state === 'RUNNING' && multi !== null) {
        const bar = bars.get(job.id) ?? multi.create(total, 0, { views: job.views.join(', ') });
        bars.set(job.id, bar);
        bar.setTotal(total);
        bar.update(job.recordsDone);
      }
      if (job.finishedAt !== null && !ended.has(job.id)) {
        ended.add(job.id);
        const line = `${job.state.toLowerCase()}: ${job.views.join(', ')} (${job.recordsDone} records, ${job.keysWritten} keys)`;
        if (multi === null) process.stderr.write(`${line}\n`);
        else multi.log(`${line}\n`);
      }
    },
    stop: () => multi?.stop(),
  };
}

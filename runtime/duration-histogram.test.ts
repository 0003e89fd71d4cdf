import { Histogram, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { DurationHistogram } from './duration-histogram.ts';

describe('a histogram of durations', () => {
  it('is exposed as prom-client exposes its own', async () => {
    const bounds = [0.001, 0.01, 0.1];
    const options = { name: 'asof_work_seconds', help: 'Work.' };
    const [ours, theirs] = [new Registry(), new Registry()];
    const durations = new DurationHistogram<'kind' | 'outcome'>({ ...options, bounds, register: ours });
    const labelNames = ['kind', 'outcome'];
    const histogram = new Histogram({ ...options, labelNames, buckets: bounds, registers: [theirs] });
    for (const [index, seconds] of [0.0005, 0.001, 0.0011, 0.05, 0.1, 7].entries()) {
      const labels = { kind: index % 2 === 0 ? 'even' : 'odd', outcome: 'ok' };
      durations.of(labels).observe(seconds);
      histogram.observe(labels, seconds);
    }
    const lines = (text: string) =>
      text.split('\n').map((line) => line.replace(/\{.*\}/, (all) => [...all].sort().join('')));
    expect(lines(await ours.metrics()).sort()).toEqual(lines(await theirs.metrics()).sort());
  });

  it('counts what has the same labels together, in any order', async () => {
    const register = new Registry();
    const durations = new DurationHistogram<'a' | 'b'>({ name: 'n', help: 'h', bounds: [1], register });
    durations.of({ a: '1', b: '2' }).startTimer()();
    durations.of({ b: '2', a: '1' }).observe(2);
    expect(await register.metrics()).toContain('n_count{a="1",b="2"} 2');
  });
});

import type { StreamMessage } from '../data/stream.ts';

const minute = 60_000;
const hour = 60 * minute;

/** Windows end before the second of `t`, and begin on a whole step. */
const windows = [
  { length: hour, step: minute },
  { length: 24 * hour, step: hour },
  { length: 168 * hour, step: 6 * hour },
];

/** By one loop over the messages: each customer's count, sum, mean and maximum over windows of 1 h, 24 h and 7 d at `t`. */
export function windowedAnswers(messages: Iterable<StreamMessage>, t: number): (string | number | null)[][] {
  const end = Math.floor(t / 1_000) * 1_000;
  const starts = windows.map(({ length, step }) => Math.floor((end - length) / step) * step);
  const byCustomer = new Map<string, { count: number; sum: number; largest: number }[]>();
  for (const { key, row } of messages) {
    const found = byCustomer.get(key) ?? starts.map(() => ({ count: 0, sum: 0, largest: -1 }));
    byCustomer.set(key, found);
    for (const [index, start] of starts.entries()) {
      if (row.at < start || row.at >= end) continue;
      const window = found[index]!;
      window.count += 1;
      window.sum += row.amount;
      window.largest = Math.max(window.largest, row.amount);
    }
  }
  return [...byCustomer.keys()]
    .sort()
    .map((key) => [
      key,
      ...byCustomer
        .get(key)!
        .flatMap(({ count, sum, largest }) =>
          count === 0 ? [0, null, null, null] : [count, sum, sum / count, largest],
        ),
    ]);
}

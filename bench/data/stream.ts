/** The messages of the benchmarks of streams, the same for the same count. */
export interface StreamMessage {
  readonly key: string;
  readonly row: { readonly id: number; readonly customer: string; readonly amount: number; readonly at: number };
}

export const customers = 10_000;

export function customerName(index: number): string {
  return `c${index}`;
}

/** `count` messages in the order of their times, the last at `until`, over two hours. */
export function streamMessages(count: number, until: number): Generator<StreamMessage> {
  return messagesAt(count, (id) => Math.floor(until - ((count - 1 - id) * 7_200_000) / count));
}

/** `perSecond` messages a second from `start` on. */
export function steadyMessages(count: number, start: number, perSecond: number): Generator<StreamMessage> {
  return messagesAt(count, (id) => Math.floor(start + (id * 1_000) / perSecond));
}

/** Customers by Zipf's law. */
function* messagesAt(count: number, timeOf: (id: number) => number): Generator<StreamMessage> {
  const random = lcg(20_261_126);
  const rank = zipf(customers);
  for (let id = 0; id < count; id++) {
    const customer = customerName(rank(random()));
    yield { key: customer, row: { id, customer, amount: Math.floor(random() * 10_000), at: timeOf(id) } };
  }
}

/** As JSON, the time told twice: as the event's, and as what it was sent at. */
export function messageText({ row }: StreamMessage): string {
  return JSON.stringify({ ...row, sent: row.at, at: new Date(row.at).toISOString() });
}

/** Numbers in [0, 1), always the same: Numerical Recipes' linear congruential generator. */
function lcg(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** From a number in [0, 1) to a rank below `size`: the n-th is drawn in proportion to 1/n. */
function zipf(size: number): (u: number) => number {
  const cumulated = new Float64Array(size);
  let sum = 0;
  for (let rank = 0; rank < size; rank++) {
    sum += 1 / (rank + 1);
    cumulated[rank] = sum;
  }
  return (u) => {
    const wanted = u * sum;
    let [low, high] = [0, size - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cumulated[middle]! > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

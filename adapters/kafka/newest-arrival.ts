import type { Instant } from '../../core/values/types.ts';
import { logAppendTime } from './arrival.ts';
import type { FetchedMessage } from './cluster.ts';
import type { Offsets } from './offsets.ts';

/**
 * The newest arrival stamped before a record, if the broker's clock was set back between them; else something that is
 * not later than the record's own. The broker's time index tells which offset is the first with a stamp from T on; the greatest
 * T whose first offset lies before the record's is the newest of them all. Headers are the producer's word, taken as
 * it is.
 *
 * @param timestamp the stamp of the record at `offset`
 */
export async function newestArrivalBefore(
  offsets: Pick<Offsets, 'firstFrom'>,
  { topic, partition }: { readonly topic: string; readonly partition: number },
  message: FetchedMessage,
): Promise<Instant> {
  if (message.batchContext?.timestampType !== logAppendTime) return 0;
  const offset = Number(message.offset);
  const isStampedBefore = async (instant: Instant): Promise<boolean> => {
    const first = (await offsets.firstFrom(topic, instant)).get(partition);
    return first !== undefined && first < offset;
  };
  let low = Number(message.timestamp);
  if (!(await isStampedBefore(low + 1))) return 0;
  let step = 1_000;
  while (await isStampedBefore(low + step)) {
    low += step;
    step *= 2;
  }
  let high = low + step;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (await isStampedBefore(middle)) low = middle;
    else high = middle;
  }
  return low;
}

import type { Session } from '../engine.ts';
import { integer, text } from '../quoting.ts';

/** SQL of integers that order a source's records; as narrow as the data allows, for one narrow key sorts fastest. */
export interface RecordOrder {
  /** How many records there are. */
  readonly count: number;
  /** Follows a relation with o and p (origin and partition): brings the columns that the others read. */
  readonly join: string;
  /** Of (origin, partition, offset). */
  readonly place: string;
  /** Of (event time, created time), records with the same of both being equal. */
  readonly validity: string;
  /** Of (v, place), where v is an instant not before the record's event time and not after `until`. */
  visible(v: string): string;
  /** The greatest `visible` at an instant, which may be before all records. */
  visibleAt(instant: string): string;
}

/**
 * Looks how far the times and places of records are apart, and packs them into one integer each.
 *
 * @param records a query for t, a, o, p, f
 * @param until no instant that is asked for is later
 */
export async function findRecordOrder(session: Session, records: string, until: number): Promise<RecordOrder> {
  const [row] = await session.all(
    'SELECT min(t), max(t), min(a - t), max(a - t), max(f), min(o) = max(o) AND min(p) = max(p), count(*) ' +
      `FROM (${records}) HAVING count(*) > 0`,
  );
  const [firstTime = 0n, lastTime = 0n, leastDelay = 0n, greatestDelay = 0n, lastOffset = 0n] =
    row?.slice(0, 5).map((value) => BigInt(value as bigint)) ?? [];
  const isOnePlace = row === undefined || row[5] === true;
  const places = isOnePlace ? [] : await session.all(`SELECT DISTINCT o, p FROM (${records}) ORDER BY o, p`);
  const delayBits = bitsOf(greatestDelay - leastDelay);
  const offsetBits = bitsOf(lastOffset);
  const placeBits = offsetBits + (isOnePlace ? 0 : bitsOf(BigInt(places.length)));
  const visibleBits = bitsOf(BigInt(until) - firstTime + 1n) + placeBits;
  const ranks = places.map(([o, p], rank) => `(${text(String(o))}, ${Number(p)}, ${rank})`).join(', ');
  const place = isOnePlace ? 'f' : shifted('place_rank', offsetBits, placeBits, 'f');
  return {
    count: Number(row?.[6] ?? 0),
    join: isOnePlace ? '' : `JOIN (VALUES ${ranks}) places(o, p, place_rank) USING (o, p)`,
    place,
    validity: shifted(
      `(t - ${integer(firstTime)})`,
      delayBits,
      bitsOf(lastTime - firstTime) + delayBits,
      `(a - t - ${integer(leastDelay)})`,
    ),
    visible: (v) => shifted(`(${v} - ${integer(firstTime)})`, placeBits, visibleBits, place),
    visibleAt: (instant) =>
      shifted(`greatest(${instant} - ${integer(firstTime)} + 1, 0)`, placeBits, visibleBits, '-1'),
  };
}

/** high · 2^bits + low, in an integer of so many bits. */
function shifted(high: string, bits: number, allBits: number, low: string): string {
  const type = allBits < 63 ? 'BIGINT' : 'HUGEINT';
  return `(CAST(${high} AS ${type}) * ${integer(2n ** BigInt(bits))} + ${low})`;
}

function bitsOf(value: bigint): number {
  return value.toString(2).length;
}

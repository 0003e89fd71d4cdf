import type { LogRecord } from '../../core/ports/event-log.ts';
import type { Instant } from '../../core/values/types.ts';
import type { FetchedMessage } from './cluster.ts';

/** The header with the arrival in milliseconds, for topics whose timestamps are the producer's. */
export const arrivalHeader = 'asof-arrival';

/** Kafka's name for a timestamp that the broker set. */
export const logAppendTime = 1;

/** When the record entered: the broker's stamp, or the header; null when it has neither. */
export function arrivalOf({ timestamp, headers, batchContext }: FetchedMessage): Instant | null {
  if (batchContext?.timestampType === logAppendTime) return Number(timestamp);
  const header = headers?.[arrivalHeader];
  if (header === undefined || Array.isArray(header)) return null;
  const text = header.toString();
  return /^[0-9]{1,15}$/.test(text) ? Number(text) : null;
}

const noArrival =
  `expected an arrival: a topic with message.timestamp.type=LogAppendTime, or a header "${arrivalHeader}" with ` +
  'milliseconds since 1970; got neither';

/**
 * Turns a partition's messages into records, in order. A broker's clock may be set back; arrival never goes back, so
 * what is stamped before its predecessor arrived with it.
 *
 * @param newest the newest arrival before the first message
 */
export function createRecordReader(partition: number, newest: Instant): (message: FetchedMessage) => LogRecord {
  let latest = newest;
  return (message) => {
    const arrival = arrivalOf(message);
    if (arrival !== null && arrival > latest) latest = arrival;
    const record = {
      partition,
      offset: Number(message.offset),
      arrival: latest,
      payload: message.value ?? new Uint8Array(),
    };
    return arrival === null ? { ...record, problem: noArrival } : record;
  };
}

import type { OnlineReader } from '../../core/online/reader.ts';
import { customerName, customers } from '../data/stream.ts';
import { type StreamTopic, streamViewOf } from '../stream-definitions.ts';

export type StreamAnswer = readonly [customer: string, ...values: (number | null)[]];

/** The values of each customer that has some, in the order of names. */
export async function answersAt(reader: OnlineReader, topic: StreamTopic, at: number): Promise<StreamAnswer[]> {
  const view = streamViewOf(topic);
  const names = Array.from({ length: customers }, (_, index) => customerName(index)).sort();
  const { readings } = await reader.read(
    names.map((name) => ({ view, key: [name] })),
    at,
  );
  return names.flatMap((name, index) => {
    const { status, values } = readings[index]!;
    const numbers = values.map((value) => (value === null ? null : Number(value)));
    return status === 'PRESENT' ? [[name, ...numbers] as const] : [];
  });
}

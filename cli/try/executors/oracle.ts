import type { ServiceMember, ViewReading } from '../../../core/definitions/compiled.ts';
import { oracleRead } from '../../../core/oracle/read.ts';
import type { TryExecutor } from '../question.ts';

/** Answers with the reference implementation. */
export function createOracleExecutor(): TryExecutor {
  return {
    async answer({ members, histories, rows, mode }) {
      return rows.map(({ time, knownAt, keys }) =>
        members.map((member, index) => {
          const { records } = histories.get(member.view.source)!;
          const { maxAgeMillis } = member;
          const reading = oracleRead(member.view, records, { key: keys[index]!, t: time, knownAt, mode, maxAgeMillis });
          return chosen(member, reading);
        }),
      );
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

function chosen(member: ServiceMember, reading: ViewReading): ViewReading {
  return {
    ...reading,
    values: member.features.map((feature) => reading.values[feature]!),
    statuses: member.features.map((feature) => reading.statuses[feature]!),
    defaulted: member.features.map((feature) => reading.defaulted[feature]!),
  };
}

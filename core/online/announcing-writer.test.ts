import { expect, it } from 'vitest';
import type { CompiledView, SourceRecord } from '../definitions/compiled.ts';
import { createAnnouncingWriter } from './announcing-writer.ts';
import type { AppliedBatch } from './writer.ts';

const record = (knownTime: number) => ({ knownTime }) as SourceRecord;

async function told(kind: CompiledView['kind'], groups: readonly (readonly number[])[]) {
  const log: string[] = [];
  const writer = createAnnouncingWriter(
    {
      async apply() {
        log.push('applied');
        return {} as AppliedBatch;
      },
    },
    {
      readInstant(instant) {
        log.push(`announced ${instant}`);
        return instant!;
      },
    },
  );
  const keyed = groups.map((times, key) => ({ key: [key], records: times.map(record) }));
  await writer.apply({ kind } as CompiledView, keyed);
  return log;
}

it('tells the clock of the newest event before anybody can read it', async () => {
  expect(await told('aggregate', [[3, 7], [5]])).toEqual(['announced 7', 'applied']);
});

it('says nothing of rows, which may be dated ahead, nor of nothing', async () => {
  expect(await told('rows', [[3]])).toEqual(['applied']);
  expect(await told('aggregate', [[], [Number.NEGATIVE_INFINITY]])).toEqual(['applied']);
});

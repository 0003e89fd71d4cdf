import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeadLetter, DeadLetters } from '../../core/ports/dead-letters.ts';

/** A letter like any other. */
export function deadLetter(changes: Partial<DeadLetter> = {}): DeadLetter {
  return {
    source: 'landings',
    origin: 'landings',
    partition: 0,
    offset: 0,
    at: 1_000_000,
    code: 'BAD_RECORD',
    reason: 'landedAt: not an instant; got "soon"',
    payload: '{"landedAt":"soon"}',
    ...changes,
  };
}

/** What every place for dead letters must do. `open` gives an empty one; each test opens one and closes it. */
export function deadLettersContract(name: string, open: () => Promise<DeadLetters>): void {
  describe(`${name} keeps the dead letters' contract`, () => {
    let letters: DeadLetters;
    beforeEach(async () => {
      letters = await open();
    });
    afterEach(async () => {
      await letters[Symbol.asyncDispose]();
    });

    it('counts per source and lists newest first, up to a limit', async () => {
      await letters.put([0, 1, 2].map((offset) => deadLetter({ offset })));
      await letters.put([deadLetter({ source: 'fares', offset: 7 }), deadLetter({ offset: 3 })]);
      expect(await letters.counts()).toEqual(
        new Map([
          ['landings', 4],
          ['fares', 1],
        ]),
      );
      expect((await letters.list('landings', 3)).map(({ offset }) => offset)).toEqual([3, 2, 1]);
      expect(await letters.list('fares', 10)).toEqual([deadLetter({ source: 'fares', offset: 7 })]);
    });

    it('has nothing of a source that had no bad record', async () => {
      expect(await letters.counts()).toEqual(new Map());
      expect(await letters.list('landings', 10)).toEqual([]);
      await letters.put([]);
      expect(await letters.counts()).toEqual(new Map());
    });

    it('keeps a letter as it came: quotes, line feeds, every alphabet', async () => {
      const odd = deadLetter({ payload: '{"a":"\n\r\u2028\0"} 東京 😀 "', reason: 'line one\nline two' });
      await letters.put([odd]);
      expect(await letters.list('landings', 1)).toEqual([odd]);
    });

    it('cuts a payload at 64 KiB, between characters', async () => {
      await letters.put([deadLetter({ payload: '€'.repeat(30_000) })]);
      const [kept] = await letters.list('landings', 1);
      expect(kept!.payload).toBe('€'.repeat(Math.floor((64 * 1024) / 3)));
    });

    it('keeps letters that are put at once', async () => {
      await Promise.all(Array.from({ length: 50 }, (_, offset) => letters.put([deadLetter({ offset })])));
      const offsets = (await letters.list('landings', 100)).map(({ offset }) => offset);
      expect(offsets.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, offset) => offset));
      expect((await letters.counts()).get('landings')).toBe(50);
    });

    it('keeps sources with odd names apart', async () => {
      const sources = ['../up', 'a/b', 'a%2Fb', 'A', 'a.b', 'ä', '.'];
      await letters.put(sources.map((source, offset) => deadLetter({ source, offset })));
      for (const [offset, source] of sources.entries()) {
        expect(await letters.list(source, 9), source).toEqual([deadLetter({ source, offset })]);
      }
      expect((await letters.counts()).size).toBe(sources.length);
    });
  });
}

import { expect, it } from 'vitest';
import { createReaders } from './readers.ts';

it('waits for those who were reading, not for those who came later', () => {
  const readers = createReaders();
  const done: string[] = [];
  readers.afterCurrent(() => done.push('nobody read'));
  const endFirst = readers.begin();
  const endSecond = readers.begin();
  readers.afterCurrent(() => done.push('two read'));
  const endThird = readers.begin();
  endFirst();
  expect(done).toEqual(['nobody read']);
  endSecond();
  expect(done).toEqual(['nobody read', 'two read']);
  readers.afterCurrent(() => done.push('the third read'));
  endThird();
  endThird();
  expect(done).toEqual(['nobody read', 'two read', 'the third read']);
});

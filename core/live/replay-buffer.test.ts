import { expect, it } from 'vitest';
import type { LiveEvent } from '../ports/live-bus.ts';
import { createReplayBuffer } from './replay-buffer.ts';

const event = (cursor: string): LiveEvent => ({ cursor, message: { kind: 'datasetProgress', datasetId: cursor } });

function opened() {
  const soon: (() => void)[] = [];
  const errors: unknown[] = [];
  const buffer = createReplayBuffer({
    bufferSize: 3,
    bufferedKeys: 10,
    defer: (work) => soon.push(work),
    onListenerError: (error) => errors.push(error),
  });
  const settle = (): void => {
    for (const work of soon.splice(0)) work();
  };
  const heard = (after?: string): string[] => {
    const seen: string[] = [];
    buffer.subscribe(
      ['datasetProgress'],
      { onEvent: ({ cursor }) => void seen.push(cursor), onGap: () => void seen.push('gap') },
      after,
    );
    return seen;
  };
  return { buffer, heard, settle, errors };
}

it('tells who listens of a gap, in its place', () => {
  const { buffer, heard, settle } = opened();
  buffer.add(event('a'));
  const before = heard();
  const behind = heard('a');
  buffer.add(event('b'));
  buffer.gap('x');
  buffer.add(event('c'));
  expect(before).toEqual([]);
  settle();
  buffer.add(event('d'));
  expect(before).toEqual(['b', 'gap', 'c', 'd']);
  expect(behind).toEqual(['b', 'gap', 'c', 'd']);
});

it('forgets what was before a gap, but for the cursor behind which all is there', () => {
  const { buffer, heard, settle } = opened();
  for (const cursor of ['a', 'b']) buffer.add(event(cursor));
  buffer.gap('x');
  buffer.add(event('c'));
  const [fromA, fromB, fromX, fromC, unknown] = [heard('a'), heard('b'), heard('x'), heard('c'), heard('?')];
  settle();
  expect([fromA, fromB, fromX, fromC, unknown]).toEqual([['gap', 'c'], ['gap', 'c'], ['c'], [], ['gap', 'c']]);
  buffer.gap(null);
  const lost = heard('c');
  settle();
  expect(lost).toEqual(['gap']);
});

it('knows the cursors that it holds, and the one just before them', () => {
  const { buffer } = opened();
  for (const cursor of ['a', 'b', 'c', 'd', 'e']) buffer.add(event(cursor));
  expect(['a', 'b', 'c', 'd', 'e', 'f'].filter((cursor) => buffer.holds(cursor))).toEqual(['b', 'c', 'd', 'e']);
});

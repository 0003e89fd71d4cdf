import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { linkSignals } from './linked-signal.ts';

it('aborts with the first of its sources, and leaves nothing with them', () => {
  const [first, second] = [new AbortController(), new AbortController()];
  const linked = linkSignals(first.signal, second.signal);
  expect(linked.signal.aborted).toBe(false);
  second.abort('second');
  first.abort('first');
  expect(linked.signal.reason).toBe('second');
  expect(getEventListeners(first.signal, 'abort')).toEqual([]);
  expect(linkSignals(first.signal, second.signal).signal.reason).toBe('first');
});

it('leaves nothing with sources that never abort', () => {
  const source = new AbortController();
  for (let i = 0; i < 3; i++) {
    using linked = linkSignals(source.signal, new AbortController().signal);
    expect(linked.signal.aborted).toBe(false);
    expect(getEventListeners(source.signal, 'abort')).toHaveLength(1);
  }
  expect(getEventListeners(source.signal, 'abort')).toEqual([]);
});

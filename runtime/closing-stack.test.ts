import { expect, it } from 'vitest';
import { createClosingStack } from './closing-stack.ts';

it('closes in the reverse order, all of it, and tells what failed first', async () => {
  const closed: string[] = [];
  const stack = createClosingStack();
  stack.use({ [Symbol.asyncDispose]: async () => void closed.push('first') });
  stack.defer(() => {
    closed.push('second');
    throw new Error('second failed');
  });
  stack.defer(async () => void closed.push('third'));
  await expect(stack[Symbol.asyncDispose]()).rejects.toThrow('second failed');
  expect(closed).toEqual(['third', 'second', 'first']);
  await stack[Symbol.asyncDispose]();
  expect(closed).toHaveLength(3);
});

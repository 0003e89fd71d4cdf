import { createHash } from 'node:crypto';
import type { Field } from '../values/types.ts';
import { greatestMaxSteps, leastMaxSteps } from './function-limits.ts';
import type { UserFunctionDefinition } from './model.ts';
import { valueType } from './parse-expression.ts';
import { join, listOf, objectOf, oneOf, optional, required, type Shape, text, wholeNumber } from './shapes.ts';

export function hashOfSource(source: string): string {
  return createHash('sha256').update(source).digest('hex');
}

const stored = objectOf<Omit<UserFunctionDefinition, 'sourceHash'> & { readonly sourceHash?: string }>('a function', {
  name: required(text),
  version: required(wholeNumber(1, 1_000_000)),
  args: required(listOf(objectOf<Field>('an argument', { name: required(text), type: required(valueType) }))),
  returns: required(valueType),
  source: required(text),
  sourceHash: optional(text),
  onNull: optional(oneOf('call')),
  maxSteps: optional(wholeNumber(leastMaxSteps, greatestMaxSteps)),
  description: optional(text),
  owner: optional(text),
  tags: optional(listOf(text)),
});

/** The hash is written out where it is left out; one that stands there must be the source's. */
export const userFunction: Shape<UserFunctionDefinition> = (value, path, problems) => {
  const read = stored(value, path, problems);
  if (read === undefined) return undefined;
  const sourceHash = hashOfSource(read.source);
  if (read.sourceHash !== undefined && read.sourceHash !== sourceHash) {
    problems.add(join(path, 'sourceHash'), 'is not the hash of the source', {
      expected: sourceHash,
      got: read.sourceHash,
      remedy: 'Leave it out, or take the source that it belongs to.',
    });
  }
  return { ...read, sourceHash };
};

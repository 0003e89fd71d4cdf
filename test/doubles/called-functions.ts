import { createHash } from 'node:crypto';
import { beforeEach } from 'vitest';
import { openUserFunctions } from '../../adapters/quickjs/user-functions.ts';
import type { UserFunctionDefinition } from '../../core/definitions/model.ts';
import type { SystemClock } from '../../core/ports/clocks.ts';
import type { FunctionFailure } from '../../core/ports/user-functions.ts';
import type { Value, ValueType } from '../../core/values/types.ts';

export const clock: SystemClock & { millis: number; step: number } = {
  millis: 0,
  step: 0,
  nowMillis() {
    this.millis += this.step;
    return this.millis;
  },
  sleep: () => Promise.resolve(),
};
export const failures: { name: string; failure: FunctionFailure; message: string }[] = [];
const functions = await openUserFunctions({
  clock,
  onFailure: ({ name }, failure, message) => failures.push({ name, failure, message }),
});

// Time for the spare engine to come, which takes a turn of the event loop or two.
beforeEach(() => new Promise<void>((resolve) => setImmediate(resolve)));

export const int64: ValueType = { kind: 'int64' };
export const string: ValueType = { kind: 'string' };
export const float64: ValueType = { kind: 'float64' };

export type Options = Partial<Pick<UserFunctionDefinition, 'maxSteps'>> & {
  args?: readonly ValueType[];
  returns?: ValueType;
};

function definitionOf(
  source: string,
  { args = [string], returns = int64, ...limits }: Options,
): UserFunctionDefinition {
  const names = ['a', 'b', 'c'];
  return {
    name: 'under_test',
    version: 1,
    args: args.map((type, index) => ({ name: names[index]!, type })),
    returns,
    source,
    sourceHash: createHash('sha256').update(source).digest('hex'),
    ...limits,
  };
}

export function calls(source: string, rows: readonly (readonly Value[])[], options: Options = {}): readonly Value[] {
  failures.length = 0;
  return functions.prepare(definitionOf(source, options))(rows);
}

export function call(source: string, row: readonly Value[], options: Options = {}): Value {
  return calls(source, [row], options)[0]!;
}

export function refusal(source: string): string {
  try {
    functions.prepare(definitionOf(source, {}));
  } catch (error) {
    return (error as Error).message;
  }
  return 'not refused';
}

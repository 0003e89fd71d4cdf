import { AsofError } from '../errors/asof-error.ts';
import { parseValue } from '../values/parse.ts';
import type { Value, ValueType } from '../values/types.ts';

/** The value of a literal or a default; undefined when its type cannot hold it exactly as declared. */
export function literalValue(type: ValueType, input: unknown): Value | undefined {
  let isLossy = false;
  try {
    const value = parseValue(type, input, '', () => {
      isLossy = true;
    });
    return isLossy ? undefined : value;
  } catch (error) {
    if (error instanceof AsofError) return undefined;
    throw error;
  }
}

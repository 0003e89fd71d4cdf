import { fitsPrecision, formatDecimal, unitsOf } from '../values/decimal.ts';
import { type Integer, toInteger } from '../values/integers.ts';
import { endOfTime } from '../values/parse-instant.ts';
import type { Value, ValueType } from '../values/types.ts';

/** Values that are exact integers in disguise: integers, instants, and decimals as units of 10^-scale. */
export interface Units {
  readonly scale: number;
  toUnits(x: Exclude<Value, null>): Integer;
  /** NULL where the type cannot hold it. */
  fromUnits(units: Integer): Value;
}

const int32Limit = 2 ** 31;
const int64Limit = 2n ** 63n;

/** null = values of this type are not exact integers. */
export function unitsOfType(type: ValueType): Units | null {
  switch (type.kind) {
    case 'decimal': {
      const { precision, scale } = type;
      return {
        scale,
        toUnits: (x) => unitsOf(x as string),
        fromUnits: (units) => (fitsPrecision(units, precision) ? formatDecimal(units, scale) : null),
      };
    }
    case 'int32':
      return integers((units) => units >= -int32Limit && units < int32Limit);
    case 'int64':
      return integers((units) => units >= -int64Limit && units < int64Limit);
    case 'timestamp':
      return integers((units) => units >= 0 && units < endOfTime);
    default:
      return null;
  }
}

function integers(fits: (units: Integer) => boolean): Units {
  return {
    scale: 0,
    toUnits: (x) => x as Integer,
    fromUnits: (units) => (fits(units) ? (typeof units === 'bigint' ? toInteger(units) : units) : null),
  };
}

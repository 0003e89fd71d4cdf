import { parseValue } from '../../core/values/parse.ts';
import type { Value, ValueType } from '../../core/values/types.ts';

/**
 * Values as JSON on their way into the engine: int64 as a number or, beyond ±(2^53−1), as its digits; decimals as
 * text; timestamps as milliseconds; maps as pairs, so that no key means anything to JSON. They come back the same way.
 */
export type Wire = null | boolean | number | string | readonly Wire[];

export function toWire(type: ValueType): (value: Value) => Wire {
  switch (type.kind) {
    case 'int64':
      return (value) => (typeof value === 'bigint' ? value.toString() : (value as Wire));
    case 'list': {
      const element = toWire(type.element);
      return (value) => (value as readonly Value[] | null)?.map(element) ?? null;
    }
    case 'map': {
      const one = toWire(type.value);
      return (value) => {
        if (value === null) return null;
        return [...(value as ReadonlyMap<string, Value>)].map(([key, element]) => [key, one(element)]);
      };
    }
    default:
      return (value) => value as Wire;
  }
}

/**
 * Back into the one representation of a value.
 *
 * @throws AsofError BAD_INPUT for what the type does not hold: an instant out of range, half a surrogate pair, a vector
 *   of another length, a decimal that does not fit
 */
export function fromWire(type: ValueType): (wire: Wire) => Value {
  const entriesOf = mapsOf(type);
  return (wire) => {
    let anomaly: string | null = null;
    const value = parseValue(type, entriesOf(wire), 'result', (found) => {
      anomaly = found;
    });
    if (anomaly !== null) throw new Error(anomaly);
    return value;
  };
}

/** `parseValue` takes maps as maps. */
function mapsOf(type: ValueType): (wire: Wire) => unknown {
  if (type.kind === 'list') {
    const element = mapsOf(type.element);
    return (wire) => (wire as readonly Wire[] | null)?.map(element) ?? null;
  }
  if (type.kind !== 'map') return (wire) => wire;
  const value = mapsOf(type.value);
  return (wire) => wire && new Map((wire as readonly [string, Wire][]).map(([key, one]) => [key, value(one)]));
}

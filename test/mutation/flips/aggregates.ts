import { type Flip, flipsOf } from '../flip.ts';

export const aggregateFlips: readonly Flip[] = [
  ...flipsOf('core/aggregates/kernel-for.ts', [
    ['where.evaluate(values) === true', 'where.evaluate(values) !== false', '`where` is true only if TRUE'],
    ['if (!passes(record.values)) return undefined;', '', '`where` comes before the category'],
    ['if (category === null) return undefined;', '', 'NULL is no category'],
    ['x === null ? undefined : prepare(x, record)', 'prepare(x ?? 0, record)', 'NULL inputs are ignored'],
  ]),
  ...flipsOf('core/aggregates/by-category.ts', [
    ['state.size > cap ? null', 'state.size >= cap ? null', 'exactly at the cap is within'],
    [
      'item === undefined ? before : inner.add(before, item)',
      'inner.add(before, item as never)',
      'a category with only NULL inputs has the empty value',
    ],
    ['state === null || state.size === 0', 'state === null', 'no category at all is NULL'],
    [
      'if (into === null || from === null) return null;',
      'if (from === null) return into;\n      if (into === null) return null;',
      'over the cap in one tile is over the cap',
    ],
    [
      'const categories = [...state.keys()].sort(compareUtf8);',
      'const categories = [...state.keys()].sort().reverse();',
      'categories are in UTF-8 order',
    ],
  ]),
  ...flipsOf('core/aggregates/counts.ts', [
    ['state + 1', 'state + 2', 'an event counts once'],
    ['into + from', 'Math.max(into, from)', 'counts add up'],
  ]),
  ...flipsOf('core/aggregates/distinct.ts', [
    ['state.size <= cap', 'state.size < cap', 'exact up to and at the cap'],
    ['.slice(0, 8)', '.slice(8, 16)', 'the first 8 bytes of the hash'],
    ['else sketch.merge(from);', '', 'sketches are merged'],
    ['state.isEmpty ? null : state.estimate()', 'state.estimate()', 'an empty window is NULL'],
  ]),
  ...flipsOf('core/aggregates/hyperloglog.ts', [
    [
      '(hash.charCodeAt(0) << 4) | (hash.charCodeAt(1) >> 4)',
      '(hash.charCodeAt(0) << 3) | (hash.charCodeAt(1) >> 5)',
      'the top 12 bits choose the register',
    ],
    ['if ((sparse.get(register) ?? 0) >= rank) return;', '', 'a register keeps its greatest rank'],
    [
      'if (this.#dense[register]! < rank)',
      'if (this.#dense[register]! <= 0)',
      'a dense register keeps its greatest rank',
    ],
    ['return rank + Math.clz32(bits)', 'return rank - 1 + Math.clz32(bits)', 'ranks count from 1'],
  ]),
  ...flipsOf('core/aggregates/extremes.ts', [
    [
      "name === 'min' ? (a, b) => a < b : (a, b) => a > b",
      "name === 'max' ? (a, b) => a < b : (a, b) => a > b",
      'min is the least',
    ],
    ["const sign = name === 'min' ? 1 : -1", "const sign = name === 'min' ? -1 : 1", 'min is the least, of text too'],
    [
      'merge: (into, from) => (into === null || (from !== null && isBetter(from, into)) ? from : into),\n    write: (out, state) => writeNullable(out, type, state),\n    read: (input) => readNullable(input, type),',
      'merge: (_into, from) => from,\n    write: (out, state) => writeNullable(out, type, state),\n    read: (input) => readNullable(input, type),',
      'extremes of text are merged',
    ],
  ]),
  ...flipsOf('core/aggregates/columns.ts', [
    [
      'if (best === null || isBetter(x, best)) best = x;',
      'if (best === null || isBetter(best, x)) best = x;',
      'extremes of tiles are merged',
    ],
    ['if (isThere !== null && isThere[i] === 0) continue;', '', 'a tile without a value has no extreme'],
    [
      'i < ranges.from[range]! || i >= ranges.to[range]!',
      'i < ranges.from[range]! || i > ranges.to[range]!',
      'a range ends before its end',
    ],
    [
      'i < ranges.from[range]! || i >= ranges.to[range]!',
      'i <= ranges.from[range]! || i >= ranges.to[range]!',
      'a range begins at its start',
    ],
  ]),
  ...flipsOf('core/aggregates/ordered.ts', [
    [
      'while (index > 0 && compare(item, state[index - 1]!) < 0) index--;',
      'while (index > 0 && compare(item, state[index - 1]!) > 0) index--;',
      'items stay in order',
    ],
    ['if (index >= limit) return state;', 'if (index >= limit - 1) return state;', 'k items are kept'],
    ['if (next.length > limit) next.length = limit;', '', 'at most k items are kept'],
    ['merged.length < limit && ', '', 'at most k items of several tiles'],
    ['compare(a, b) <= 0', 'compare(a, b) >= 0', 'tiles are merged in order'],
    ['a.eventTime - b.eventTime || ids.compare(a.id, b.id)', 'a.eventTime - b.eventTime', 'ties go by id'],
    [
      'a.eventTime - b.eventTime || ids.compare(a.id, b.id)',
      'ids.compare(a.id, b.id)',
      'event time comes before the id',
    ],
    ['return (a, b) => byTime(b, a);', 'return byTime;', 'last is the newest'],
    [
      'compareValues(type, a.x, b.x) || oldest(a, b)',
      'compareValues(type, a.x, b.x) || oldest(b, a)',
      'bottomK takes the oldest, topK the newest of equals',
    ],
  ]),
  ...flipsOf('core/aggregates/event-id.ts', [
    ['a.partition - b.partition || a.offset', 'a.offset', 'the partition comes before the offset'],
    [
      'a.partition - b.partition || a.offset - b.offset',
      'a.partition - b.partition || b.offset - a.offset',
      'the later place is the greater id',
    ],
  ]),
  ...flipsOf('core/aggregates/quantile.ts', [
    ['magnitude < 256', 'magnitude < 128', 'below 256 each has its own bucket'],
    ['* width + width / 2', '* width', 'a bucket stands for its middle'],
    ['(1n << (e - 8n))', '0n', 'a bucket of a bigint stands for its middle'],
    ['numerator * BigInt(n) + denominator - 1n', 'numerator * BigInt(n)', 'the rank is rounded up'],
    ['passed >= rank', 'passed > rank', 'the bucket that reaches the rank'],
    ['Math.max(1, Number(', 'Math.max(2, Number(', 'the rank is at least 1'],
  ]),
  ...flipsOf('core/aggregates/histogram.ts', [
    ['bounds[middle]! <= measured', 'bounds[middle]! < measured', 'an edge belongs to the bucket above'],
    ['?? categories.length)', '?? 0)', 'what is not declared is other'],
    ['if (state.every((count) => count === 0)) return null;', '', 'an empty window is NULL'],
  ]),
  ...flipsOf('core/aggregates/sums.ts', [
    [
      'finish: (state) => (state.n === 0 ? null : value(state)),\n    columns: sumColumns,',
      'finish: (state) => value(state),\n    columns: sumColumns,',
      'an empty window is NULL',
    ],
    ['powerOfTen(units.scale)', 'powerOfTen(0)', 'an average has the unit of its inputs'],
    ['Number.isFinite(x) ? x + 0 : null', 'x + 0', 'sums of floats that overflow are NULL'],
    ['{ ...type, precision: 38 }', 'type', 'a sum of decimals has 38 digits'],
  ]),
  ...flipsOf('core/aggregates/units.ts', [
    [
      'units >= -int64Limit && units < int64Limit',
      'units >= -int64Limit && units <= int64Limit',
      '2^63 is beyond int64',
    ],
    ['units >= -int64Limit && units < int64Limit', 'units > -int64Limit && units < int64Limit', '-2^63 is an int64'],
    ['units >= 0 && units < endOfTime', 'units >= 0', 'instants end before 2100'],
  ]),
  ...flipsOf('core/aggregates/variance.ts', [
    ['x <= -inputLimit || x >= inputLimit', 'x < -inputLimit || x > inputLimit', 'inputs of 2^48 units are NULL'],
    ['n < (ofSample ? 2 : 1)', 'n < 1', 'a sample of one is NULL'],
    ['ofSample ? count - 1n : count', 'count', 'a sample divides by n - 1'],
    ['powerOfTen(2 * units.scale)', 'powerOfTen(units.scale)', 'variance has the square of the unit'],
    ['isRoot ? Math.sqrt(variance) : variance', 'variance', 'a standard deviation is the root'],
  ]),
];

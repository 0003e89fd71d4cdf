import { type Flip, flipsOf } from '../flip.ts';

export const duckdbFlips: readonly Flip[] = [
  ...flipsOf('adapters/duckdb/join/events.ts', [
    ['__known_time - __event_time <= $', '__known_time - __event_time < $', 'exactly L late counts'],
    ['__event_time - __known_time <= $', '__event_time - __known_time < $', 'exactly F ahead counts'],
    ['__event_time >= $', '__event_time > $', 'the first event that any row can need'],
    [
      'PARTITION BY kid, id, t ORDER BY',
      'PARTITION BY kid, id ORDER BY',
      'the same id at another event time is another event',
    ],
    ['PARTITION BY kid, id, t ORDER BY', 'PARTITION BY id, t ORDER BY', 'the same id of another key is another event'],
    ['ORDER BY o, p, f) = 1', 'ORDER BY o DESC, p DESC, f DESC) = 1', 'the first place counts'],
    ["coalesce(${where ?? 'true'}, false)", "coalesce(${where ?? 'true'}, true)", '`where` is true only if TRUE'],
    ["'kid, t, id' : 'kid, t, o, p, f'", "'kid, t, o, p, f' : 'kid, t, o, p, f'", 'ties go by id'],
    ["'kid, t, id' : 'kid, t, o, p, f'", "'kid, t, id' : 'kid, t, o, f, p'", 'the partition comes before the offset'],
    ['const varianceLimit = 2n ** 48n', 'const varianceLimit = 2n ** 48n + 1n', 'inputs of 2^48 units are NULL'],
  ]),
  ...flipsOf('adapters/duckdb/join/windows.ts', [
    [
      '(${sql} - ((${sql} % ${m}) + ${m}) % ${m})',
      '(${sql} - ${sql} % ${m})',
      'floorTo floors toward the past, below zero too',
    ],
    ['`(t - ${integer(view.delayMillis)})`', "'t'", 'values run behind by the delay'],
    ['const beginning = -1;', 'const beginning = 1;', 'lifetime begins at the beginning of time'],
    [
      'windowStart(end(bounds.minTime), longest, view.grainMillis)',
      'end(bounds.minTime) - longest',
      'history is read from the aligned lower bound',
    ],
  ]),
  ...flipsOf('adapters/duckdb/join/places.ts', [
    ['ORDER BY kid, t, r IS NULL', 'ORDER BY kid, t, r IS NOT NULL', 'a bound comes before the events at its instant'],
  ]),
  ...flipsOf('adapters/duckdb/join/aggregates.ts', [
    ['CASE WHEN newest >= ${longest} THEN newest END', 'newest', 'the event time is of the longest window'],
    ['CASE WHEN p0.n > p${windows.length}.n THEN p0.t END', 'p0.t', 'an empty window has no event time'],
    ['if (hasInFlight) await correctTotals(plan);', '', 'what had not arrived is not known'],
    ['CASE WHEN kid = ${noKey} THEN 2 ELSE 0 END AS cs', '0 AS cs', 'aggregates of a NULL key are NOT_FOUND'],
    ["if (mode === 'AS_SERVED') {", "if (mode !== 'AS_SERVED') {", 'AS_SERVED drops what had not arrived'],
  ]),
  ...flipsOf('adapters/duckdb/join/corrections.ts', [
    [
      'const within = `${counts} AND t >= l${w}`;',
      'const within = `${counts} AND t > l${w}`;',
      'the lower bound is included, in flight too',
    ],
    ['n = top_n - rank + 1', 'n = top_n - rank', 'the run of the newest that are in flight'],
    ["'events.t AS newest'", "'newest AS newest'", 'the event time is of what is known'],
    ['low_${place} + coalesce(lift_${place}, 0)', 'low_${place}', 'first passes over what is in flight'],
    ['top_${index} - coalesce(run_${index}, 0)', 'top_${index}', 'last passes over what is in flight'],
    ['f.t >= b.l${w}', 'f.t > b.l${w}', 'first begins at the lower bound'],
  ]),
  ...flipsOf('adapters/duckdb/join/in-flight.ts', [
    ['e.a > p.kn`', 'e.a >= p.kn`', 'what arrives at known-at is known'],
    [
      'WHERE e.t >= p.lo AND e.t < p.u',
      'WHERE e.t > p.lo AND e.t < p.u',
      'what lies at the lower bound may be in flight',
    ],
    ['s.kn - c.delay + 1', 's.kn - c.delay + 2', 'the oldest that can be in flight'],
    ['e.a > (SELECT min(kn)', 'e.a > (SELECT max(kn)', 'each row has its own known-at'],
  ]),
  ...flipsOf('adapters/duckdb/join/frames.ts', [
    ['1 PRECEDING) AS', 'CURRENT ROW) AS', 'float sums leave the upper bound out'],
    ['e.a <= p.kn GROUP BY', 'e.a < p.kn GROUP BY', 'what arrives at known-at is known'],
    ['e.t >= p.l AND', 'e.t > p.l AND', 'the lower bound is included'],
    ['f.x_${slot} <= m.${column}', 'f.x_${slot} < m.${column}', 'an equal value in flight may have decided min'],
    ['f.x_${slot} >= m.${column}', 'f.x_${slot} > m.${column}', 'an equal value in flight may have decided max'],
    ['if (plan.hasInFlight) for', 'if (!plan.hasInFlight) for', 'extremes are taken anew where they were in flight'],
  ]),
  ...flipsOf('adapters/duckdb/join/extremes.ts', [
    ['WHERE n > n_${window})', 'WHERE n > n_${window} + 1)', 'one event is enough for an extreme'],
    ['u.bk = s.lob + 1', 'u.bk = s.lob + 2', 'blocks between the ends are covered'],
    ['n - 1 AS hi', 'n AS hi', 'the stretch ends before the bound'],
  ]),
  ...flipsOf('adapters/duckdb/join/ordered.ts', [
    ['b.low_${slot}_${w} + 1', 'b.low_${slot}_${w}', 'first is the first within the window'],
  ]),
  ...flipsOf('adapters/duckdb/join/finish.ts', [
    ['nullif(${below}, 0)', '${below}', 'x/0 is NULL'],
    [
      "case 'last':\n      return `CASE WHEN top_${slot} > low_${place} THEN",
      "case 'last':\n      return `CASE WHEN true THEN",
      'last of an empty window is NULL',
    ],
    ['CASE WHEN ${count} > 0 THEN ${exactSql', 'CASE WHEN true THEN ${exactSql', 'a sum of nothing is NULL'],
    ['TRY_CAST(${units} AS BIGINT)', 'CAST(${units} AS BIGINT)', 'a sum beyond int64 is NULL'],
    ['CASE WHEN isfinite(${value}) THEN ${value} + 0.0 END', '${value} + 0.0', 'floats that overflow are NULL'],
  ]),
  ...flipsOf('adapters/duckdb/join/rows.ts', [
    ["'t + 1 AS u'", "'t AS u'", 'a row is valid at its event time'],
    ['ORDER BY kid, t, a, o, p, f', 'ORDER BY kid, t, o, p, f', 'created time comes before place'],
    ['ORDER BY kid, t, a, o, p, f', 'ORDER BY kid, a, t, o, p, f', 'event time comes before created time'],
    ['ORDER BY kid, t, a, o, p, f', 'ORDER BY kid, t, a, o, f, p', 'the partition comes before the offset'],
    ['if (view.knownAt) {', 'if (true) {', 'a view may opt out of the known-at rule'],
    [
      'b.t - e.t > ${integer(view.retentionMillis)}',
      'b.t - e.t >= ${integer(view.retentionMillis)}',
      'exactly at retention is found',
    ],
    ['b.t - e.t > ${integer(maxAge)}', 'b.t - e.t >= ${integer(maxAge)}', 'exactly at maxAge is not expired'],
    ['OR e.deleted OR', 'OR', 'a tombstone that wins is NOT_FOUND'],
    ['x.n - coalesce(run, 0)', 'x.n', 'the winner is known'],
    ['e.n = x.n AND e.kid = b.kid', 'e.n = x.n', 'the winner is of the same key'],
    ['const maxAge = Math.min(', 'const maxAge = Math.max(', 'a service may tighten maxAge'],
    ['CASE WHEN vs <> 2 THEN t END', 'CASE WHEN vs = 0 THEN t END', 'an expired row has its event time'],
  ]),
  ...flipsOf('adapters/duckdb/join/kernels.ts', [
    ['Number(m) - 1 - base', 'Number(m) - base', 'what had not arrived is left out'],
    ['from < to ? from - base : 0, ', 'from < to ? from - base + 1 : 0, ', 'the lower bound is included'],
  ]),
  ...flipsOf('adapters/duckdb/join/stretches.ts', [
    [
      'position < start || position >= to',
      'position <= start || position >= to',
      'what is in flight at the start is left out',
    ],
    ['start = position + 1;', 'start = position;', 'what is in flight is left out'],
    [
      'leaf + 2 ** (level + 1) <= endLeaf',
      'leaf + 2 ** (level + 1) <= endLeaf + 1',
      'a node never reaches beyond the stretch',
    ],
  ]),
  ...flipsOf('adapters/duckdb/join/keys.ts', [
    [
      "map((name) => `${name} IS NOT NULL`).join(' AND ')",
      "map((name) => `${name} IS NOT NULL`).join(' OR ')",
      'a key with a NULL part matches nothing',
    ],
  ]),
];

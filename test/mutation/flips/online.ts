import { type Flip, flipsOf } from '../flip.ts';

export const onlineFlips: readonly Flip[] = [
  ...flipsOf('core/time/windows.ts', [
    ['(((x % step) + step) % step)', '(x % step)', 'floorTo floors toward the past, below zero too'],
    ['windowMillis < 2 * minute', 'windowMillis <= 2 * minute', 'hop 10 s from 2 min on'],
    ['windowMillis < 10 * minute', 'windowMillis <= 10 * minute', 'hop 1 min from 10 min on'],
    ['windowMillis < 2 * hour', 'windowMillis <= 2 * hour', 'hop 10 min from 2 h on'],
    ['windowMillis < 12 * hour', 'windowMillis <= 12 * hour', 'hop 1 h from 12 h on'],
    ['windowMillis < 7 * day', 'windowMillis <= 7 * day', 'hop 6 h from 7 d on'],
    ['windowMillis < 30 * day', 'windowMillis <= 30 * day', 'hop 1 d from 30 d on'],
    ['Math.max(hop, grainMillis)', 'hop', 'the hop is at least the grain'],
    [
      'floorTo(t - delayMillis, grainMillis)',
      'floorTo(t, grainMillis) - delayMillis',
      'the delay comes before the grain',
    ],
  ]),
  ...flipsOf('core/online/tile-apply.ts', [
    ['> view.source.latenessMillis', '>= view.source.latenessMillis', 'exactly L late counts'],
    ['> view.source.futureToleranceMillis', '>= view.source.futureToleranceMillis', 'exactly F ahead counts'],
    [
      '|| record.offset > applied.offset;',
      '|| record.offset >= applied.offset;',
      'what was applied is not applied again',
    ],
    ['if (record.offset <= applied.offset) {', 'if (record.offset < applied.offset) {', 'a place counts once'],
    ['applied.offset = record.offset;\n', '', 'applied offsets advance'],
    [
      'if (record.knownTime > state.newestArrival) state.newestArrival = record.knownTime;',
      'state.newestArrival = record.knownTime;',
      'P is the newest arrival of all partitions',
    ],
    [
      'if (record.knownTime > applied.arrival) applied.arrival',
      'applied.arrival',
      'each partition has its own newest arrival',
    ],
    ['if (isLate(plan, record)) counts.late++;\n    else ', '', 'what is too late does not count'],
    ['if (isAhead(plan, record)) counts.future++;\n    else ', '', 'what is too far ahead does not count'],
    [
      'newestRepeat >= state.applied.get(text)!.arrival',
      'newestRepeat >= state.newestArrival',
      'ids are forgotten by their own partition',
    ],
    [
      '(idHour + 1) * hour - 1 + view.source.latenessMillis',
      'idHour * hour + view.source.latenessMillis',
      'ids are kept while any event of their hour could be repeated',
    ],
    ['if (end <= base.end) return;', 'if (end < base.end - day) return;', 'the base moves forward only'],
    [
      'tile.start < base.end || tile.start >= end',
      'tile.start < base.end || tile.start > end',
      'whole days before the new end join the base',
    ],
    ['tile.start < base.end || ', '', 'a day joins the base once'],
    ['base.tile.newest = Math.max(base.tile.newest, tile.newest);', '', 'the base knows its newest event'],
    [
      'tiles[trimmed]!.start + millis <= keepFrom[i]!) trimmed++',
      'tiles[trimmed]!.start <= keepFrom[i]!) trimmed++',
      'a tile is kept while it ends after its limit',
    ],
    ['eventTime < base.end;', 'eventTime <= base.end;', 'an event at the end of the base is not in it'],
    ['if (start + millis <= keepFrom[i]!) continue;', '', 'a trimmed tile never comes back'],
    ['eventTime <= oldest && !isInBase', 'eventTime <= oldest', "events before the base's end go to the base"],
    [
      'if (eventTime > tile.newest) tile.newest = eventTime;',
      'tile.newest = eventTime;',
      'a tile keeps its newest event time',
    ],
    ['unapplied.sort(comparePlaces)', 'unapplied', 'records are applied in place order'],
  ]),
  ...flipsOf('core/online/tile-plan.ts', [
    ['export const readSlackMillis = minute', 'export const readSlackMillis = -minute', 'reads may lie behind P by S'],
    [
      'newestArrival - readSlackMillis - view.delayMillis',
      'newestArrival - readSlackMillis',
      'the horizon runs behind by the delay',
    ],
    ['window + hopOf(window, view.grainMillis)', 'window', 'a window reaches a hop further back'],
    [
      'hopOf(window, view.grainMillis) <= millis',
      'hopOf(window, view.grainMillis) < millis',
      'a level keeps what windows of its own hop need',
    ],
    ['Math.max(lengths[i + 1] ?? 0, ...reach)', 'Math.max(0, ...reach)', 'a level keeps what the next level needs'],
    [
      'millis >= view.grainMillis && millis <= largestHop',
      'millis > view.grainMillis && millis <= largestHop',
      'tiles begin at the grain',
    ],
    ['hop >= millis ? [accumulator]', 'hop > millis ? [accumulator]', 'an accumulator is kept up to its largest hop'],
    [
      'filter((millis) => millis <= hop).length - 1',
      'filter((millis) => millis <= hop).length',
      'an accumulator is read up to its largest hop',
    ],
    ['windowMillis === null ? day :', 'windowMillis === null ? second :', 'lifetime uses every level'],
    ['longestWindow: hasLifetime ? null :', 'longestWindow:', 'lifetime is the longest window'],
  ]),
  ...flipsOf('core/online/tile-cover.ts', [
    ['if (to > position)', 'if (to >= position + levels[level]!.millis * 2)', 'every tile of the window is taken'],
    [
      'if (aligned > floorTo(end, millis)) break;',
      'if (aligned >= floorTo(end, millis) + millis) break;',
      'longer tiles only where one fits',
    ],
    ['-floorTo(-position, millis)', 'floorTo(position, millis)', 'longer tiles begin inside the window'],
    ['for (; level >= 0; level--)', 'for (; level > 0; level--)', 'the shortest tiles complete the window'],
  ]),
  ...flipsOf('core/online/tile-read.ts', [
    ['windowMillis === null ? baseEnd :', 'windowMillis === null ? 0 :', 'lifetime begins at the end of the base'],
    ['denominator === 0 ? Number.NaN', 'denominator === 1 ? Number.NaN', 'x/0 is NULL'],
    [
      'isLongest: ofLevel.map(({ cover }) => cover === covers.length - 1)',
      'isLongest: ofLevel.map(({ cover }) => cover === 0)',
      'the event time is of the longest window',
    ],
    ['indexes[middle]! < index', 'indexes[middle]! <= index', 'a tile that starts at the bound is within'],
    ['const last = ranges.to[i]! - 1;', 'const last = ranges.from[i]!;', 'the last tile holds the newest event'],
    ['last < ranges.from[i]!', 'last <= ranges.from[i]!', 'one tile is enough to hold an event'],
  ]),
  ...flipsOf('core/online/event-ids.ts', [
    [
      '`${eventTime % hour}:${canonicalText(type, id)}`',
      'canonicalText(type, id)',
      'the same id at another event time is another event',
    ],
  ]),
  ...flipsOf('core/online/tile-update.ts', [
    [
      'known !== undefined && !ids.hours.has(hour)',
      'known !== undefined && ids.hours.has(hour)',
      'stored ids are remembered',
    ],
  ]),
  ...flipsOf('core/online/row-state.ts', [
    ['a.eventTime - b.eventTime ||\n', '', 'event time comes before created time'],
    ['a.createdTime - b.createdTime ||\n', '', 'created time comes before place'],
    ['a.partition - b.partition ||\n', '', 'the partition comes before the offset'],
    ['a.offset - b.offset\n', 'b.offset - a.offset\n', 'the later place wins a tie'],
    [
      'view.knownAt ? Math.max(eventTime, createdTime) : eventTime',
      'eventTime',
      'a row is visible from its created time',
    ],
    [
      'view.knownAt ? Math.max(eventTime, createdTime) : eventTime',
      'Math.max(eventTime, createdTime)',
      'a view may opt out of the known-at rule',
    ],
    [
      'candidates.sort((a, b) => compareRows(b, a))',
      'candidates.sort((a, b) => compareRows(a, b))',
      'the greatest row wins',
    ],
    [
      'earliest <= Math.max(from, readFrom)',
      'earliest < Math.max(from, readFrom)',
      'a row that can never win again is dropped',
    ],
    ['earliest <= Math.max(from, readFrom)', 'rows.length > 0', 'rows dated ahead wait beside the current one'],
  ]),
  ...flipsOf('core/online/row-codec.ts', [
    ['if (visibleFrom(view, head) <= t)', 'if (visibleFrom(view, head) < t)', 'a row is valid at its event time'],
    ['stamp.byte(row.deleted ? 1 : 0)', 'stamp.byte(0)', 'tombstones are kept'],
  ]),
  ...flipsOf('core/online/reader.ts', [
    ['age > view.retentionMillis', 'age >= view.retentionMillis', 'exactly at retention is found'],
    ['if (age > maxAge)', 'if (age >= maxAge)', 'exactly at maxAge is not expired'],
    ['Math.min(view.maxAgeMillis', 'Math.max(view.maxAgeMillis', 'a service may tighten maxAge'],
    ['|| winner.deleted)', ')', 'a tombstone that wins is NOT_FOUND'],
    [
      "absent(request, readAt, 'EXPIRED', eventTime)",
      "absent(request, readAt, 'EXPIRED')",
      'an expired row has its event time',
    ],
    ['return !key.includes(null);', 'return true;', 'a key with a NULL part matches nothing'],
    ['values.push(value ?? defaultValue);', 'values.push(value);', 'a default replaces NULL'],
  ]),
  ...flipsOf('core/online/keys.ts', [
    ['/[%|{}#\\p{Cc}]/gu', '/[|{}#\\p{Cc}]/gu', 'the escape is escaped, too'],
    ['/[%|{}#\\p{Cc}]/gu', '/[%{}#\\p{Cc}]/gu', 'parts of a key stay apart'],
    ["createHash('sha256').update(text).digest('hex')", 'text.slice(0, 64)', 'long keys stay apart'],
  ]),
];

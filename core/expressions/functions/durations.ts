import { dayOf, dayOfMonth, dayOfWeek, monthOf, yearOf } from '../../time/calendar.ts';
import { day, floorTo, hour, minute, second } from '../../time/windows.ts';
import type { Zone } from '../../time/zone.ts';
import { addIntegers, type Integer } from '../../values/integers.ts';
import { type ExpressionFunction, strictNulls } from '../function.ts';
import { instant as instants, integer, text as strings } from '../type-sets.ts';
import { withinTime } from './casts.ts';
import { constantOf } from './constants.ts';
import { zoneOf, zoneParameter } from './dates.ts';
import { instant, int64, text } from './literal-nodes.ts';
import { strictBinary, strictUnary } from './strict.ts';

const clockUnits: Readonly<Record<string, number>> = { second, minute, hour };

/** The first day of what a day belongs to. */
const dateUnits: Readonly<Record<string, (day: number) => number>> = {
  day: (at) => at,
  week: (at) => at - dayOfWeek(at) + 1,
  month: (at) => at - dayOfMonth(at) + 1,
  quarter: (at) => dayOf(yearOf(at), monthOf(at) - ((monthOf(at) - 1) % 3), 1),
  year: (at) => dayOf(yearOf(at), 1, 1),
};
const unitNames = [...Object.keys(clockUnits), ...Object.keys(dateUnits)];

export const truncate: ExpressionFunction = {
  group: 'dates',
  documentation: {
    summary: 'The beginning of the second, minute, hour, day, week (Monday), month, quarter or year.',
    nulls: strictNulls,
    bounds:
      'In UTC, or by the clock of an IANA zone. Where the clock skips the beginning it is the moment of the skip; a day, week, month, quarter or year whose beginning comes twice begins the first time, and an hour that comes twice is two hours. NULL, counted, before 1970.',
    gives: 'timestamp',
    examples: [
      [[instant('2024-02-29T17:45:12Z'), text('hour')], '2024-02-29T17:00:00.000Z'],
      [[instant('2024-02-29T17:45:12Z'), text('week')], '2024-02-26T00:00:00.000Z'],
      [[instant('2024-07-01T22:30:00Z'), text('day'), text('Europe/Berlin')], '2024-07-01T22:00:00.000Z'],
      [[instant('2024-03-31T12:00:00Z'), text('day'), text('Asia/Beirut')], '2024-03-30T22:00:00.000Z'],
      [[instant('1970-01-01T00:00:00Z'), text('day'), text('America/New_York')], null],
    ],
  },
  parameters: {
    at: { takes: instants },
    unit: {
      takes: strings,
      constant: {
        text: `one of ${unitNames.join(', ')}`,
        accepts: (value) => unitNames.includes(String(value)),
        samples: unitNames.map(text),
      },
    },
    zone: zoneParameter,
  },
  optional: 1,
  literals: 'asWritten',
  resultType: () => ({ kind: 'timestamp' }),
  compile([argument], { args: [, unitLiteral, zoneLiteral], anomalies }) {
    const unit = String(constantOf(unitLiteral));
    const zone = zoneOf(zoneLiteral);
    const millis = clockUnits[unit];
    const begin = millis === undefined ? dateBegin(dateUnits[unit]!, zone) : clockBegin(millis, zone);
    return strictUnary(argument!, (at) => withinTime(begin(at as number), anomalies));
  },
};

function clockBegin(unit: number, zone: Zone | null): (at: number) => number {
  if (zone === null) return (at) => floorTo(at, unit);
  return (at) => {
    const offset = zone.offsetAt(at);
    const begin = floorTo(at + offset, unit) - offset;
    return zone.offsetAt(begin) === offset ? begin : zone.changeBetween(begin, at);
  };
}

function dateBegin(firstDay: (day: number) => number, zone: Zone | null): (at: number) => number {
  if (zone === null) return (at) => firstDay(Math.floor(at / day)) * day;
  return (at) => {
    const local = firstDay(Math.floor((at + zone.offsetAt(at)) / day)) * day;
    // Far enough before 1970 that no zone matters.
    return local < -day ? local : zone.firstInstant(local);
  };
}

export const timeSince: ExpressionFunction = {
  group: 'dates',
  documentation: {
    summary: 'The milliseconds that have passed at `at` since `since`.',
    nulls: strictNulls,
    bounds: 'Exact; negative where `at` comes first.',
    gives: 'int64',
    examples: [
      [[instant('2024-01-01T00:00:00Z'), instant('2024-01-02T00:00:00Z')], 86_400_000],
      [[instant('2024-01-01T00:00:01Z'), instant('2024-01-01T00:00:00Z')], -1_000],
      [[instant(null), instant('2024-01-01T00:00:00Z')], null],
    ],
  },
  parameters: { since: { takes: instants }, at: { takes: instants } },
  literals: 'asWritten',
  resultType: () => ({ kind: 'int64' }),
  compile: ([since, at]) => strictBinary(since!, at!, (from, to) => (to as number) - (from as number)),
};

export const addMillis: ExpressionFunction = {
  group: 'dates',
  documentation: {
    summary: 'The instant so many milliseconds later, or earlier where they are negative.',
    nulls: strictNulls,
    bounds: 'NULL, counted, outside [1970-01-01, 2100-01-01).',
    gives: 'timestamp',
    examples: [
      [[instant('2024-01-01T00:00:00Z'), int64(3_600_000)], '2024-01-01T01:00:00.000Z'],
      [[instant('1970-01-01T00:00:00Z'), int64(-1)], null],
    ],
  },
  parameters: { at: { takes: instants }, millis: { takes: integer } },
  literals: 'asWritten',
  resultType: () => ({ kind: 'timestamp' }),
  compile: ([at, millis], { anomalies }) =>
    strictBinary(at!, millis!, (from, by) => withinTime(addIntegers(from as number, by as Integer), anomalies)),
};

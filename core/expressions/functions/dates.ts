import { dayOfMonth, dayOfWeek, dayOfYear, isoWeek, monthOf, yearOf } from '../../time/calendar.ts';
import {
  day as dayMillis,
  hour as hourMillis,
  minute as minuteMillis,
  second as secondMillis,
} from '../../time/windows.ts';
import { type Zone, zoneNamed } from '../../time/zone.ts';
import type { ValueType } from '../../values/types.ts';
import { type ConstantRule, type Example, type ExpressionFunction, type Parameter, strictNulls } from '../function.ts';
import { instant as instants, text as strings } from '../type-sets.ts';
import type { Evaluate, TypedExpression } from '../typed.ts';
import { constantOf } from './constants.ts';
import { instant, text } from './literal-nodes.ts';
import { strictUnary } from './strict.ts';

const ianaZone: ConstantRule = {
  text: 'an IANA time zone, as in "Europe/Berlin"',
  accepts: (value) => zoneNamed(String(value)) !== null,
  samples: ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe'].map(text),
};

/** The last parameter of what reads a clock. */
export const zoneParameter: Parameter = { takes: strings, constant: ianaZone };

/** Null = UTC. */
export function zoneOf(arg: TypedExpression | undefined): Zone | null {
  const zone = arg === undefined ? null : zoneNamed(String(constantOf(arg)));
  return zone?.name === 'UTC' ? null : zone;
}

/** What the clock reads, as the milliseconds at which UTC's would. */
function localTime(argument: Evaluate, zone: Zone | null, operation: (local: number) => number | boolean): Evaluate {
  if (zone === null) return strictUnary(argument, (at) => operation(at as number));
  return strictUnary(argument, (at) => operation((at as number) + zone.offsetAt(at as number)));
}

interface DatePart {
  readonly of: (local: number) => number | boolean;
  readonly summary: string;
  /** The values that it takes. */
  readonly range: string;
  readonly examples: readonly Example[];
  readonly gives?: 'int64' | 'bool';
}

function datePart({ of, summary, range, examples, gives = 'int64' }: DatePart): ExpressionFunction {
  const type: ValueType = { kind: gives };
  return {
    group: 'dates',
    documentation: {
      summary,
      nulls: strictNulls,
      bounds: `${range} In UTC, or by the clock of an IANA zone, daylight saving included.`,
      gives,
      examples,
    },
    parameters: { at: { takes: instants }, zone: zoneParameter },
    optional: 1,
    literals: 'asWritten',
    resultType: () => type,
    compile: ([argument], { args: [, zone] }) => localTime(argument!, zoneOf(zone), of),
  };
}

/** A part of the date. */
const ofDay = (part: (day: number) => number | boolean) => (local: number) => part(Math.floor(local / dayMillis));

/** How many whole units of the day, hour or minute have passed. */
const ofClock = (unit: number, of: number) => (local: number) =>
  Math.floor((local - Math.floor(local / of) * of) / unit);

const winter = instant('2024-01-01T23:30:15Z');
const summer = instant('2024-07-01T23:30:15Z');
const berlin = text('Europe/Berlin');

export const year = datePart({
  of: ofDay(yearOf),
  summary: 'The year.',
  range: '1969 to 2100.',
  examples: [
    [[winter], 2024],
    [[instant('2023-12-31T23:30:00Z'), berlin], 2024],
    [[instant(null)], null],
  ],
});

export const quarter = datePart({
  of: ofDay((day) => Math.floor((monthOf(day) - 1) / 3) + 1),
  summary: 'The quarter of the year.',
  range: '1 to 4.',
  examples: [
    [[winter], 1],
    [[summer], 3],
  ],
});

export const month = datePart({
  of: ofDay(monthOf),
  summary: 'The month.',
  range: '1 to 12.',
  examples: [
    [[summer], 7],
    [[instant('2024-07-31T23:30:00Z'), berlin], 8],
  ],
});

export const week = datePart({
  of: ofDay(isoWeek),
  summary: 'The week of ISO 8601: from Monday on, the first has the first Thursday of its year.',
  range: '1 to 53.',
  examples: [
    [[instant('2024-12-30T00:00:00Z')], 1],
    [[instant('2027-01-01T00:00:00Z')], 53],
  ],
});

export const day = datePart({
  of: ofDay(dayOfMonth),
  summary: 'The day of the month.',
  range: '1 to 31.',
  examples: [
    [[winter], 1],
    [[winter, berlin], 2],
  ],
});

export const dayOfTheYear = datePart({
  of: ofDay(dayOfYear),
  summary: 'The day of the year.',
  range: '1 to 366.',
  examples: [
    [[winter], 1],
    [[instant('2024-12-31T12:00:00Z')], 366],
  ],
});

export const dayOfTheWeek = datePart({
  of: ofDay(dayOfWeek),
  summary: 'The day of the week, by ISO 8601.',
  range: '1 (Monday) to 7 (Sunday).',
  examples: [
    [[winter], 1],
    [[instant('1970-01-01T00:00:00Z')], 4],
    [[instant('1970-01-01T00:00:00Z'), text('America/New_York')], 3],
  ],
});

export const isWeekend = datePart({
  of: ofDay((at) => dayOfWeek(at) >= 6),
  gives: 'bool',
  summary: 'Is it Saturday or Sunday?',
  range: 'Everywhere on earth the same two days.',
  examples: [
    [[instant('2024-01-06T00:00:00Z')], true],
    [[instant('2024-01-05T23:30:00Z')], false],
    [[instant('2024-01-05T23:30:00Z'), berlin], true],
  ],
});

export const hour = datePart({
  of: ofClock(hourMillis, dayMillis),
  summary: 'The hour of the day.',
  range: '0 to 23.',
  examples: [
    [[winter], 23],
    [[winter, berlin], 0],
    [[summer, berlin], 1],
    [[instant('2024-03-31T01:00:00Z'), berlin], 3],
  ],
});

export const minute = datePart({
  of: ofClock(minuteMillis, hourMillis),
  summary: 'The minute of the hour.',
  range: '0 to 59.',
  examples: [
    [[winter], 30],
    [[winter, text('Asia/Kolkata')], 0],
  ],
});

export const second = datePart({
  of: ofClock(secondMillis, minuteMillis),
  summary: 'The second of the minute.',
  range: '0 to 59: there are no leap seconds.',
  examples: [
    [[winter], 15],
    [[instant('1970-01-01T00:00:59.999Z')], 59],
  ],
});

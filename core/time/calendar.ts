/** Dates of the proleptic Gregorian calendar as numbers; a day is counted from 1970-01-01. */

/**
 * The date of a day, without an object: year · 512 + month · 32 + day of the month.
 * Algorithm: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
 */
function packedDate(day: number): number {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const dayOfMonth = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0)) * 512 + month * 32 + dayOfMonth;
}

export function yearOf(day: number): number {
  return packedDate(day) >> 9;
}

/** 1 to 12. */
export function monthOf(day: number): number {
  return (packedDate(day) >> 5) & 15;
}

/** 1 to 31. */
export function dayOfMonth(day: number): number {
  return packedDate(day) & 31;
}

/** The day of a date; `month` is 1 to 12. Hinnant's days_from_civil. */
export function dayOf(year: number, month: number, date: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + date - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** 1 to 366. */
export function dayOfYear(day: number): number {
  return day - dayOf(yearOf(day), 1, 1) + 1;
}

/** ISO 8601: Monday is 1, Sunday 7. */
export function dayOfWeek(day: number): number {
  return day + 3 - Math.floor((day + 3) / 7) * 7 + 1;
}

/** ISO 8601: weeks begin on Monday, and the first of a year has its first Thursday. */
export function isoWeek(day: number): number {
  const thursday = day - dayOfWeek(day) + 4;
  return Math.floor((thursday - dayOf(yearOf(thursday), 1, 1)) / 7) + 1;
}

import type { Integer } from './integers.ts';
import { toInteger } from './integers.ts';

const numberPattern = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/;

/** Digits and exponent of a number as it is written: value = ±digits · 10^exponent. */
interface ExactNumber {
  readonly isNegative: boolean;
  readonly digits: string;
  readonly exponent: number;
}

function readNumber(text: string): ExactNumber | null {
  const match = numberPattern.exec(text);
  if (match === null) return null;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return null;
  const digits = (whole + fraction).replace(/^0+/, '');
  return { isNegative: sign === '-', digits, exponent: Number(exponent) - fraction.length };
}

/** Is this text one decimal number, with or without fraction and exponent? */
export function isNumberText(text: string): boolean {
  return readNumber(text) !== null;
}

/**
 * The number written in `text` in units of 10^-scale, rounded half away from zero; exact whatever its size.
 * null = the text is not a number; 'overflow' = it has more than 40 digits before the point, more than any type holds.
 */
export function decimalUnits(text: string, scale: number): Integer | 'overflow' | null {
  const number = readNumber(text);
  if (number === null) return null;
  const { digits, isNegative } = number;
  if (digits === '') return 0;
  // How many digits of the text are kept, or (positive shift) how many zeros follow them.
  const shift = number.exponent + scale;
  const kept = digits.length + shift;
  if (kept > 80) return 'overflow';
  if (kept < 0) return 0;
  let units: Integer;
  if (shift >= 0) units = integerOf(digits + '0'.repeat(shift));
  else {
    units = integerOf(digits.slice(0, kept) || '0');
    if (digits.charCodeAt(kept) >= 53) units = toInteger(BigInt(units) + 1n);
  }
  if (units === 0) return 0;
  return isNegative ? -units : units;
}

function integerOf(digits: string): Integer {
  return digits.length <= 15 ? Number(digits) : toInteger(BigInt(digits));
}

/** The integer written in `text` ("12", "1.0", "1e3"); null = not an integer; 'overflow' = beyond any type. */
export function integerFromText(text: string): Integer | 'overflow' | null {
  const number = readNumber(text);
  if (number === null) return null;
  const { digits, exponent } = number;
  if (exponent < 0 && /[1-9]/.test(digits.slice(exponent))) return null;
  return decimalUnits(text, 0);
}

/** A decimal in its one text form: 330 units of 10^-2 are "3.30". */
export function formatDecimal(units: Integer, scale: number): string {
  const isNegative = units < 0;
  const digits = (isNegative ? -units : units).toString().padStart(scale + 1, '0');
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return isNegative ? `-${text}` : text;
}

/** The units of a decimal in its one text form: "3.30" are 330 units of 10^-2. */
export function unitsOf(decimal: string): Integer {
  const point = decimal.indexOf('.');
  const digits = point < 0 ? decimal : decimal.slice(0, point) + decimal.slice(point + 1);
  return digits.length <= 16 ? toSafe(Number(digits), digits) : toInteger(BigInt(digits));
}

function toSafe(units: number, digits: string): Integer {
  return Number.isSafeInteger(units) ? units : toInteger(BigInt(digits));
}

const powersOfTen: readonly bigint[] = Array.from({ length: 80 }, (_, exponent) => 10n ** BigInt(exponent));

/** 10^exponent, exact; 0 ≤ exponent < 80. */
export function powerOfTen(exponent: number): bigint {
  return powersOfTen[exponent]!;
}

/** Does an integer have at most `precision` digits? */
export function fitsPrecision(units: Integer, precision: number): boolean {
  if (typeof units === 'number' && precision >= 16) return true;
  const limit = powerOfTen(precision);
  return units > -limit && units < limit;
}

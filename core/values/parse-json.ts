import { AsofError } from '../errors/asof-error.ts';
import { integerFromText } from './decimal.ts';

/** A JSON number that no double holds exactly, as it was written. `parseValue` reads it without losing a digit. */
export class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toJSON(): number {
    return Number(this.text);
  }
}

// Up to 15 significant digits survive the way through a double and back.
const longNumber = /[0-9.]{16}/;
const numbers = /-?\d[\d.]*(?:[eE][+-]?\d+)?/g;

/** What is nested deeper cannot be written as JSON again: that takes a stack. */
const deepestLevel = 1_000;

/**
 * `JSON.parse` that never loses a digit: integers beyond ±(2^53−1) become bigints; other numbers of more than 15 digits,
 * and those that an exponent takes so far, become `NumberText`.
 *
 * @throws AsofError BAD_INPUT naming what is wrong, when the text is not JSON, or nested beyond 1,000 levels
 */
export function parseJson(text: string): unknown {
  const plain = parsePlain(text);
  if (text.length > deepestLevel) refuseDeep(text);
  if (!isPerhapsInexact(text)) return plain;
  // Sought in the re-written text, where no escape can hide it.
  const canonical = JSON.stringify(plain);
  let marker = '#';
  while (canonical.includes(marker)) marker += '#';
  const marked = replaceNumbers(text, (number) => (isInexact(number) ? `"${marker}${number}"` : number));
  if (marked === text) return plain;
  return JSON.parse(marked, (_, value: unknown) =>
    typeof value === 'string' && value.startsWith(marker) ? exactNumber(value.slice(marker.length)) : value,
  );
}

/**
 * Whether 16 digits and points stand in a row, or a number has an exponent: 1e16 is beyond ±(2^53−1) with few digits. By
 * hand, for every message is looked through. What looks like a number inside of a text is one too many, and does no harm.
 */
function isPerhapsInexact(text: string): boolean {
  let digits = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if ((code >= zero && code <= nine) || code === point) {
      if (++digits === 16) return true;
    } else {
      const isExponent = (code === smallE || code === capitalE) && text.charCodeAt(at + 1) !== minus;
      if (digits > 0 && isExponent && isNumberFrom(text, at - digits)) return true;
      digits = 0;
    }
  }
  return false;
}

const [zero, nine, point, minus, smallE, capitalE] = ['0', '9', '.', '-', 'e', 'E'].map((character) =>
  character.charCodeAt(0),
) as [number, number, number, number, number, number];

/** Whether what begins here follows what a number may follow, rather than a text’s quote or letters. */
function isNumberFrom(text: string, start: number): boolean {
  const before = text.charCodeAt(start - 1) === minus ? start - 2 : start - 1;
  return before < 0 || /[:,[\s]/.test(text[before]!);
}

/** By hand rather than by one expression, which takes stack for each character of a long string. */
function replaceNumbers(json: string, replace: (number: string) => string): string {
  let replaced = '';
  for (let at = 0; at < json.length; ) {
    const quote = json.indexOf('"', at);
    replaced += json.slice(at, quote === -1 ? undefined : quote).replace(numbers, replace);
    if (quote === -1) break;
    at = endOfText(json, quote);
    replaced += json.slice(quote, at);
  }
  return replaced;
}

/** Behind the quote that ends the string which begins at this one; the JSON is known to be sound. */
function endOfText(json: string, start: number): number {
  for (let quote = json.indexOf('"', start + 1); ; quote = json.indexOf('"', quote + 1)) {
    let escapes = 0;
    while (json[quote - 1 - escapes] === '\\') escapes++;
    if (escapes % 2 === 0) return quote + 1;
  }
}

function isInexact(token: string): boolean {
  return longNumber.test(token) || Math.abs(Number(token)) > Number.MAX_SAFE_INTEGER;
}

function parsePlain(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const got = text.length > 60 ? `${JSON.stringify(text.slice(0, 60))}…` : JSON.stringify(text);
    throw new AsofError('BAD_INPUT', cause instanceof Error ? cause.message : 'not JSON', { expected: 'JSON', got });
  }
}

function refuseDeep(json: string): void {
  let level = 0;
  let isText = false;
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '"') isText = !isText;
    else if (character === '\\') at++;
    else if (isText) continue;
    else if (character === '[' || character === '{') level++;
    else if (character === ']' || character === '}') level--;
    if (level <= deepestLevel) continue;
    const [expected, got] = [`at most ${deepestLevel} levels`, 'more'];
    throw new AsofError('BAD_INPUT', 'the JSON is nested too deeply', { expected, got });
  }
}

function exactNumber(text: string): number | bigint | NumberText {
  const number = Number(text);
  if (String(number) === text && (Number.isSafeInteger(number) || !Number.isInteger(number))) return number;
  if (/^-?\d+$/.test(text)) {
    const integer = integerFromText(text);
    if (integer !== null && integer !== 'overflow') return integer;
  }
  return new NumberText(text);
}

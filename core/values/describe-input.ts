import { NumberText } from './parse-json.ts';

const longest = 80;

/** Unknown input as error messages show it: short, on one line, with its type where that is not plain. */
export function describeInput(input: unknown): string {
  if (input === undefined) return 'nothing';
  if (typeof input === 'bigint') return input.toString();
  if (typeof input === 'number') return String(input);
  if (input instanceof NumberText) return input.text;
  if (input instanceof Date) return `a Date (${String(input.getTime())})`;
  if (typeof input === 'function' || typeof input === 'symbol') return `a ${typeof input}`;
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) return 'an object';
  const text = Array.isArray(input) ? `a list of ${input.length}` : JSON.stringify(input);
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

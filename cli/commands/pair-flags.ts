import { AsofError } from '../../core/errors/asof-error.ts';

/** For flags that may be given several times. */
export function collectPair(pair: string, all: readonly string[]): readonly string[] {
  return [...all, pair];
}

/** `name=value` texts as an object; BAD_INPUT naming the flag for anything else. */
export function namedPairs(flag: string, texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
      throw new AsofError('BAD_INPUT', 'is not a pair', { path: flag, expected: 'name=value', got: text });
    }),
  );
}

/** `3:14` for a JSON error message that names a position in `text`; `1:1` for one that names none. */
export function lineAndColumn(text: string, message: string): string {
  const position = /position (\d+)/.exec(message);
  const offset = position === null ? (/end of JSON/.test(message) ? text.length : 0) : Number(position[1]);
  const before = text.slice(0, offset).split('\n');
  return `${before.length}:${before.at(-1)!.length + 1}`;
}

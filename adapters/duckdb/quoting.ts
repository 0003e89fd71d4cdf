import { AsofError } from '../../core/errors/asof-error.ts';

/** A column or table name, quoted: a"b becomes "a""b". BAD_INPUT for an empty name or one with a NUL. */
export function identifier(name: string): string {
  if (name === '' || name.includes('\0')) {
    throw new AsofError('BAD_INPUT', 'a name in SQL is empty or holds a NUL', {
      expected: 'a non-empty name',
      got: JSON.stringify(name),
    });
  }
  return `"${name.replaceAll('"', '""')}"`;
}

/** Any text as a SQL literal: a'b becomes 'a''b'. A NUL, which would end the statement's text, becomes chr(0). */
export function text(value: string): string {
  const pieces = value.split('\0').map((piece) => `'${piece.replaceAll("'", "''")}'`);
  return pieces.length === 1 ? pieces[0]! : `(${pieces.join(' || chr(0) || ')})`;
}

/** A whole number as a SQL literal. BAD_INPUT for a fraction, NaN or an infinity. */
export function integer(value: number | bigint): string {
  if (typeof value === 'number' && !Number.isInteger(value)) {
    throw new AsofError('BAD_INPUT', 'a number in SQL is not whole', { expected: 'an integer', got: String(value) });
  }
  const digits = BigInt(value).toString();
  return value < 0 ? `(${digits})` : digits;
}

/** A list of quoted texts: ['a', 'b']. */
export function textList(values: readonly string[]): string {
  return `[${values.map(text).join(', ')}]`;
}

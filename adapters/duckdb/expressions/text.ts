import { text } from '../quoting.ts';
import { exact, partial, type SqlRule, smallLiteral } from './rule.ts';

/** The reference makes ASCII letters small only, DuckDB all: they agree on rows whose characters are bytes. */
function letters(name: 'lower' | 'upper'): SqlRule {
  return ([x]) => partial(`strlen(${x!.sql}) = length(${x!.sql})`, `${name}(${x!.sql})`);
}

export const lower = letters('lower');
export const upper = letters('upper');

export const trim: SqlRule = ([x]) => exact(`trim(${x!.sql}, ${text(' \t\n\v\f\r')})`);

export function textTest(name: 'starts_with' | 'suffix' | 'contains'): SqlRule {
  return ([x, part]) => (x!.type.kind === 'string' ? exact(`${name}(${x!.sql}, ${part!.sql})`) : null);
}

/** No text of so many bytes has more UTF-16 code units than the reference allows. */
const maxBytes = 1_048_576;

export const concat: SqlRule = (args) =>
  partial(
    `${args.map(({ sql }) => `strlen(${sql})`).join(' + ')} <= ${maxBytes}`,
    `(${args.map(({ sql }) => sql).join(' || ')})`,
  );

/** Where it makes no text longer. */
export const replace: SqlRule = ([x, part, by]) => {
  const [from, to] = [part!.literal, by!.literal];
  if (typeof from !== 'string' || typeof to !== 'string' || from === '' || to.length > from.length) return null;
  return partial(`strlen(${x!.sql}) <= ${maxBytes}`, `replace(${x!.sql}, ${part!.sql}, ${by!.sql})`);
};

/** Both count code points. */
export const substring: SqlRule = ([x, start, count]) => {
  const from = smallLiteral(start!, 1e9);
  const length = count === undefined ? 1e9 : smallLiteral(count, 1e9);
  if (from === null || length === null) return null;
  return exact(`substring(${x!.sql}, ${from + 1}${count === undefined ? '' : `, ${length}`})`);
};

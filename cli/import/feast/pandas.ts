import type { Expression } from '../../../core/definitions/model.ts';
import type { ValueType } from '../../../core/values/types.ts';

/** What an input of the function is here; null = it has no such input. */
export type InputOf = (name: string) => Typed | null;

export interface Typed {
  readonly expression: Expression;
  readonly kind: ValueType['kind'];
}

/** An output with its expression, or with why it has none. */
export type Translated = { readonly expression: Expression } | { readonly why: string };

/**
 * The outputs of a function over a pandas data frame, or over a dict: assignments of the form `out["name"] = …`, where
 * the right side is arithmetic and comparison of `inputs["column"]`, numbers and text. Everything else is told.
 */
export function translatePandas(source: string, inputOf: InputOf): ReadonlyMap<string, Translated> {
  const outputs = new Map<string, Translated>();
  const frames = new Set(source.match(/def\s+\w+\s*\(\s*(\w+)/)?.slice(1) ?? []);
  const assignment = /^\s*(\w+)\[\s*(["'])(.+?)\2\s*\]\s*=(?!=)\s*(.+)$/gm;
  for (const [, , , name, right] of source.matchAll(assignment)) {
    outputs.set(name!, translate(right!, frames, inputOf));
  }
  // `return {"name": …}`, one output a line.
  const entry = /^\s*(["'])(\w+)\1\s*:\s*(.+?),?\s*$/gm;
  for (const [, , name, right] of source.matchAll(entry)) {
    if (!outputs.has(name!)) outputs.set(name!, translate(right!.replace(/\}\s*$/, ''), frames, inputOf));
  }
  return outputs;
}

const token =
  /\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?)|(\w+)\[\s*(["'])(.+?)\3\s*\]|(["'])(.*?)\5|(==|!=|<=|>=|[-+*/()<>]))/y;

type Token = { readonly kind: 'value'; readonly value: Typed } | { readonly kind: 'operator'; readonly text: string };

function translate(text: string, frames: ReadonlySet<string>, inputOf: InputOf): Translated {
  const tokens = tokensOf(text.replace(/#.*$/, '').trim(), frames, inputOf);
  if ('why' in tokens) return tokens;
  const parser = createParser(tokens.tokens);
  const found = parser.comparison();
  return found === null || !parser.isAtEnd() ? { why: notArithmetic(text) } : { expression: found.expression };
}

const notArithmetic = (text: string): string =>
  `\`${text.trim().slice(0, 120)}\` is more than arithmetic and comparison of inputs; write it as an expression or a user function`;

function tokensOf(
  text: string,
  frames: ReadonlySet<string>,
  inputOf: InputOf,
): { readonly tokens: readonly Token[] } | { readonly why: string } {
  const tokens: Token[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const found = token.exec(text);
    if (found === null) return { why: notArithmetic(text) };
    const [, number, frame, , column, quote, literal, operator] = found;
    if (number !== undefined)
      tokens.push({ kind: 'value', value: literalOf(/^\d+$/.test(number) ? 'int64' : 'float64', Number(number)) });
    else if (column !== undefined) {
      if (!frames.has(frame!)) return { why: notArithmetic(text) };
      const value = inputOf(column);
      if (value === null) return { why: `'${column}' is neither a feature of its sources nor a request field` };
      tokens.push({ kind: 'value', value });
    } else if (quote !== undefined) {
      tokens.push({ kind: 'value', value: literalOf('string', literal!) });
    } else tokens.push({ kind: 'operator', text: operator! });
  }
  return { tokens };
}

function literalOf(kind: 'int64' | 'float64' | 'string', value: number | string): Typed {
  return { kind, expression: { op: 'lit', type: { kind }, value } };
}

/** Python adds whole numbers to fractions, and divides them to such; here both sides are of one type. */
function asFloat({ kind, expression }: Typed): Typed {
  if (kind === 'float64') return { kind, expression };
  if (expression.op === 'lit') return literalOf('float64', Number(expression.value));
  return { kind: 'float64', expression: { op: 'toFloat64', args: [expression] } };
}

const isNumber = ({ kind }: Typed): boolean => kind === 'int32' || kind === 'int64' || kind === 'float64';

/** Two sides of one type; null where they have none in common. */
function alike(left: Typed, right: Typed, isFraction: boolean): readonly [Typed, Typed] | null {
  if (!isNumber(left) || !isNumber(right)) return left.kind === right.kind ? [left, right] : null;
  return left.kind === right.kind && !isFraction ? [left, right] : [asFloat(left), asFloat(right)];
}

const comparisons = { '==': 'eq', '!=': 'ne', '<': 'lt', '<=': 'lte', '>': 'gt', '>=': 'gte' } as const;

/** Precedence climbs: comparison, sums, products, signs. null = it is not one. */
function createParser(tokens: readonly Token[]) {
  let next = 0;
  const peek = (): string | null => {
    const at = tokens[next];
    return at?.kind === 'operator' ? at.text : null;
  };
  const both = (left: Typed | null, right: Typed | null, op: 'add' | 'sub' | 'mul' | 'div'): Typed | null => {
    if (left === null || right === null || !isNumber(left) || !isNumber(right)) return null;
    const [a, b] = alike(left, right, op === 'div')!;
    return { kind: a.kind, expression: { op, args: [a.expression, b.expression] } };
  };

  function primary(): Typed | null {
    const at = tokens[next++];
    if (at === undefined) return null;
    if (at.kind === 'value') return at.value;
    if (at.text === '-') {
      const inner = primary();
      return inner === null ? null : { kind: inner.kind, expression: { op: 'neg', args: [inner.expression] } };
    }
    if (at.text !== '(') return null;
    const inner = comparison();
    if (peek() !== ')') return null;
    next++;
    return inner;
  }

  function product(): Typed | null {
    let left = primary();
    for (let operator = peek(); operator === '*' || operator === '/'; operator = peek()) {
      next++;
      left = both(left, primary(), operator === '*' ? 'mul' : 'div');
    }
    return left;
  }

  function sum(): Typed | null {
    let left = product();
    for (let operator = peek(); operator === '+' || operator === '-'; operator = peek()) {
      next++;
      left = both(left, product(), operator === '+' ? 'add' : 'sub');
    }
    return left;
  }

  function comparison(): Typed | null {
    const left = sum();
    const operator = peek();
    if (left === null || operator === null || !(operator in comparisons)) return left;
    next++;
    const right = sum();
    const sides = right === null ? null : alike(left, right, false);
    if (sides === null) return null;
    const args = sides.map(({ expression }) => expression);
    return { kind: 'bool', expression: { op: comparisons[operator as keyof typeof comparisons], args } };
  }

  return { comparison, isAtEnd: () => next === tokens.length };
}

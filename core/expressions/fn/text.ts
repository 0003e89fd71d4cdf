import type { BoolType, StringType } from '../../definitions/value-types.ts';
import type { ExpressionBuilder, NeedsIn, Operand, Takes } from '../builder.ts';
import { type AtLeastTwo, type Binary, calling, type Int, type Text, type Unary, type Variadic } from './signature.ts';

/** ASCII letters only, as upper. */
export const lower: Unary<'lower', 'x', Text, StringType> = calling('lower');
export const upper: Unary<'upper', 'x', Text, StringType> = calling('upper');
/** Without the ASCII white space at both ends. */
export const trim: Unary<'trim', 'x', Text, StringType> = calling('trim');
export const startsWith: Binary<'startsWith', ['x', 'part'], [Text, Text], BoolType> = calling('startsWith');
export const endsWith: Binary<'endsWith', ['x', 'part'], [Text, Text], BoolType> = calling('endsWith');

/** From the code point at `start` (from 0), `count` long or to the end. */
export const substring: <X extends Operand, S extends Operand, C extends Operand>(
  x: X & Takes<X, 'substring', 'x', Text>,
  start: S & Takes<S, 'substring', 'start', Int>,
  count?: C & Takes<C, 'substring', 'count', Int>,
) => ExpressionBuilder<
  NeedsIn<X, 'substring', 'x', Text> & NeedsIn<S, 'substring', 'start', Int> & NeedsIn<C, 'substring', 'count', Int>,
  StringType
> = calling('substring');

/** With every occurrence of `part` replaced; no patterns. */
export const replace: <X extends Operand, P extends Operand, B extends Operand>(
  x: X & Takes<X, 'replace', 'x', Text>,
  part: P & Takes<P, 'replace', 'part', Text>,
  by: B & Takes<B, 'replace', 'by', Text>,
) => ExpressionBuilder<
  NeedsIn<X, 'replace', 'x', Text> & NeedsIn<P, 'replace', 'part', Text> & NeedsIn<B, 'replace', 'by', Text>,
  StringType
> = calling('replace');

/** One of the parts between separators, from 0; NULL where there is none. */
export const splitPart: <X extends Operand, S extends Operand, I extends Operand>(
  x: X & Takes<X, 'splitPart', 'x', Text>,
  separator: S & Takes<S, 'splitPart', 'separator', Text>,
  index: I & Takes<I, 'splitPart', 'index', Int>,
) => ExpressionBuilder<
  NeedsIn<X, 'splitPart', 'x', Text> &
    NeedsIn<S, 'splitPart', 'separator', Text> &
    NeedsIn<I, 'splitPart', 'index', Int>,
  StringType
> = calling('splitPart');

export const concat: Variadic<'concat', ['a', 'b'], Text, AtLeastTwo, StringType> = calling('concat');

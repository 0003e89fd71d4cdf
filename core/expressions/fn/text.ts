import type { BoolType, IntegerType, StringType } from '../../definitions/value-types.ts';
import type { ExpressionBuilder, NeedsAs, Operand, Takes } from '../builder.ts';
import { type Binary, calling, type Int, type Text, type Unary } from './signature.ts';

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
) => ExpressionBuilder<NeedsAs<X, StringType> & NeedsAs<S, IntegerType> & NeedsAs<C, IntegerType>, StringType> =
  calling('substring');

/** With every occurrence of `part` replaced; no patterns. */
export const replace: <X extends Operand, P extends Operand, B extends Operand>(
  x: X & Takes<X, 'replace', 'x', Text>,
  part: P & Takes<P, 'replace', 'part', Text>,
  by: B & Takes<B, 'replace', 'by', Text>,
) => ExpressionBuilder<NeedsAs<X, StringType> & NeedsAs<P, StringType> & NeedsAs<B, StringType>, StringType> =
  calling('replace');

/** One of the parts between separators, from 0; NULL where there is none. */
export const splitPart: <X extends Operand, S extends Operand, I extends Operand>(
  x: X & Takes<X, 'splitPart', 'x', Text>,
  separator: S & Takes<S, 'splitPart', 'separator', Text>,
  index: I & Takes<I, 'splitPart', 'index', Int>,
) => ExpressionBuilder<NeedsAs<X, StringType> & NeedsAs<S, StringType> & NeedsAs<I, IntegerType>, StringType> =
  calling('splitPart');

export const concat: <A extends Operand, B extends Operand>(
  a: A & Takes<A, 'concat', 'a', Text>,
  ...b: readonly (B & Takes<B, 'concat', 'b', Text>)[]
) => ExpressionBuilder<NeedsAs<A, StringType> & NeedsAs<B, StringType>, StringType> = calling('concat');

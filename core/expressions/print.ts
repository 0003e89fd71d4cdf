import type { Expression } from '../definitions/model.ts';
import type { ExpressionOperator } from '../definitions/operators.ts';
import { numericKinds } from '../definitions/value-types.ts';

const infix: Partial<Record<ExpressionOperator, string>> = {
  eq: '=',
  ne: '≠',
  lt: '<',
  lte: '≤',
  gt: '>',
  gte: '≥',
  and: 'and',
  or: 'or',
  add: '+',
  sub: '-',
  mul: '*',
  div: '/',
};

/** An expression as people write it, for plans and messages: `delayMinutes > 15`. Not meant to be read back. */
export function printExpression(tree: Expression): string {
  switch (tree.op) {
    case 'col':
      return tree.name;
    case 'feature':
      return `${tree.view ?? 'feature'}.${tree.feature}`;
    case 'request':
      return `request.${tree.name}`;
    case 'lit':
      // Numbers that JSON holds as text, to keep every digit, are numbers to people.
      return numericKinds.includes(tree.type.kind) ? String(tree.value) : JSON.stringify(tree.value);
    case 'call':
      return `${tree.function}@${tree.version}(${tree.args.map(printExpression).join(', ')})`;
    default: {
      const sign = infix[tree.op];
      const args = tree.args.map((arg) => (sign === undefined ? printExpression(arg) : operand(arg)));
      return sign === undefined ? `${tree.op}(${args.join(', ')})` : args.join(` ${sign} `);
    }
  }
}

function operand(tree: Expression): string {
  const text = printExpression(tree);
  return 'args' in tree && tree.op !== 'call' && infix[tree.op] !== undefined ? `(${text})` : text;
}

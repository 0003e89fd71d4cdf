import { expressionOperators } from '../core/definitions/operators.ts';
import {
  type ExpressionFunction,
  type FunctionGroup,
  functionGroups,
  parametersText,
} from '../core/expressions/function.ts';
import { expressionFunctions } from '../core/expressions/functions.ts';
import { printExpression } from '../core/expressions/print.ts';

const titles: Readonly<Record<FunctionGroup, string>> = {
  comparison: 'Comparison',
  logic: 'Logic and choice',
  arithmetic: 'Arithmetic',
  numbers: 'Numbers',
  casts: 'Conversions',
  encodings: 'Encodings',
  text: 'Text',
  dates: 'Dates and times',
  geography: 'Geography',
  collections: 'Lists, maps and their elements',
  vectors: 'Vectors',
};

const introduction = `# Expressions

Written from the table of functions (core/expressions/functions.ts) by \`npm run codegen\`; every example is run as a test.

An expression computes a value from the columns of an event, or from request inputs and features. It stands where an
aggregate reads (\`avg(fn.log1p(col('fare')))\`), in its \`where\` and \`by\`, and in on-demand views. TypeScript has
comparison, logic and arithmetic as methods (\`col('fare').gt(100)\`), the rest as functions of \`fn\`:

\`\`\`ts
import { col, countRows, fn } from 'asof';

countRows()
  .where(fn.isWeekend(col('at'), 'Europe/Berlin').and(col('fare').gt(100)))
  .by(fn.bucketize(col('delayMinutes'), [0, 15, 60]))
  .over('7d');
\`\`\`

Stored, each call is \`{"op": NAME, "args": […]}\`, with leaves \`{"op": "col", "name": …}\`,
\`{"op": "request", "name": …}\`, \`{"op": "feature", "view": …, "feature": …}\` and
\`{"op": "lit", "type": …, "value": …}\`.

- **NULL.** Logic is three-valued. Unless its entry says otherwise, a function of NULL is NULL.
- **Bounds.** What its type cannot hold is NULL and counted: an integer or decimal that overflows, a float64 that is not
  finite, an instant outside [1970-01-01, 2100-01-01), text that cannot be read. There is no −0.
- **Types.** Nothing is converted silently. Only an integer literal (or a list of them) takes the numeric type of the
  argument beside it.
- **Constants.** Vocabularies, edges, zones, sizes and statistics are literals of the definition: to change them makes a
  new version.
- **The same everywhere.** Functions that engines compute differently in the last bit (log, exp, pow, sin, …) run only
  as the one reference function, offline too.
`;

/** docs/expressions.md. */
export function expressionsPage(): string {
  const sections = functionGroups.map((group) => {
    const own = expressionOperators.filter((op) => expressionFunctions[op].group === group);
    return [`## ${titles[group]}`, ...own.map((op) => entry(op, expressionFunctions[op]))].join('\n\n');
  });
  return `${[introduction.trimEnd(), ...sections].join('\n\n')}\n`;
}

function entry(op: (typeof expressionOperators)[number], definition: ExpressionFunction): string {
  const { summary, nulls, bounds, gives, examples } = definition.documentation;
  const takes = Object.entries(definition.parameters).map(([name, { takes: set, constant }]) =>
    constant === undefined ? `\`${name}\` ${set.text}` : `\`${name}\` a literal, ${constant.text}`,
  );
  const runs = examples.map(([args, result]) => `${printExpression({ op, args })} → ${JSON.stringify(result)}`);
  return [
    `### ${op}(${parametersText(definition)})`,
    `${summary} Gives ${gives}.`,
    [`- Takes ${takes.join('; ')}.`, `- ${nulls}`, `- ${bounds}`].join('\n'),
    ['```', ...runs, '```'].join('\n'),
  ].join('\n\n');
}

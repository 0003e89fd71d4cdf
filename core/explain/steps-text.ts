import { alignedColumns } from '../text/table.ts';
import type { ExplainedStep } from './explanation.ts';

/** The steps of an expression under a title, innermost first, each distinct one once. */
export function stepsText(title: string, root: ExplainedStep): string {
  const lines = new Map<string, string>();
  const visit = (step: ExplainedStep): void => {
    step.args?.forEach(visit);
    if (step.op !== 'literal') lines.set(step.text, cellText(step.value));
  };
  visit(root);
  return `${title}\n${indented(alignedColumns([...lines]))}`;
}

/** Whether it has steps that its own value and what it reads do not show. */
export function isNested({ args = [] }: ExplainedStep): boolean {
  return args.some((arg) => arg.args !== undefined);
}

export function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}

/** A value in a table: text as it is, everything else as JSON. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  return typeof value === 'string' && value !== '' ? value : JSON.stringify(value);
}

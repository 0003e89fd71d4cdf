import { checkFields } from './catalog.ts';
import { maxSourceLength } from './function-limits.ts';
import type { UserFunctionDefinition } from './model.ts';
import type { Problems } from './problems.ts';

/** Whether the source is a pure function is for the engine to say, which alone reads JavaScript. */
export function validateFunction({ name, args, source }: UserFunctionDefinition, problems: Problems): void {
  const path = `functions.${name}`;
  checkFields(args, `${path}.args`, problems);
  if (args.length === 0) {
    problems.add(`${path}.args`, 'are empty', {
      expected: 'at least one argument',
      remedy: 'What depends on nothing is a constant: write it as a literal.',
    });
  }
  if (source.length > maxSourceLength) {
    problems.add(`${path}.source`, 'is too long', {
      expected: `at most ${maxSourceLength} characters`,
      got: String(source.length),
    });
  }
}

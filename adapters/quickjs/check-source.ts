import { type AnyNode, type Program, parse } from 'acorn';
import type { UserFunctionDefinition } from '../../core/definitions/model.ts';
import { createProblems } from '../../core/definitions/problems.ts';
import { childrenOf, type FunctionNode, freeNames } from './free-names.ts';
import { pureGlobals } from './pure-globals.ts';

/** What keeps a source text from being a pure function, as a problem's words. */
export interface SourceProblem {
  readonly message: string;
  readonly expected?: string;
  readonly got?: string;
  readonly remedy?: string;
}

/** What tsx leaves in functions for the sake of their names. */
const ofTheCompiler = ['__name'];

/** Null when the text is one plain function that reads nothing but its arguments and pure globals. */
export function checkSource(source: string): SourceProblem | null {
  const expected = 'one function, as in (title) => title.length';
  let program: Program;
  try {
    program = parse(`(${source}\n)`, { ecmaVersion: 2023, sourceType: 'script' });
  } catch (error) {
    return { message: `the source does not parse: ${String((error as Error).message)}`, expected };
  }
  const [statement, another] = program.body;
  const node = statement?.type === 'ExpressionStatement' && another === undefined ? statement.expression : null;
  if (node === null || (node.type !== 'ArrowFunctionExpression' && node.type !== 'FunctionExpression')) {
    return { message: 'the source is no function', expected };
  }
  if (node.async === true || node.generator === true) {
    return {
      message: `is ${node.async === true ? 'async' : 'a generator'}`,
      expected: 'a plain function that returns its value',
    };
  }
  return impurity(node) ?? outsideNames(node);
}

/** BAD_DEFINITION with what is wrong in any of these sources. */
export function checkFunctions(functions: readonly UserFunctionDefinition[]): void {
  const problems = createProblems();
  for (const { name, source } of functions) {
    const problem = checkSource(source);
    if (problem === null) continue;
    const { message, ...details } = problem;
    problems.add(`functions.${name}.source`, message, details);
  }
  problems.throwIfAny();
}

function outsideNames(node: FunctionNode): SourceProblem | null {
  const free = freeNames(node).filter((name) => !pureGlobals.includes(name) && !ofTheCompiler.includes(name));
  if (free.length === 0) return null;
  return {
    message: `names what is outside of it: ${free.join(', ')}`,
    expected: 'its arguments, its own names and pure globals like Math and String',
    got: free.join(', '),
    remedy: 'Pass it as an argument, or write it inside of the function: only its own text is kept.',
  };
}

/** Clock and chance, refused where they stand rather than at every call. */
function impurity(node: AnyNode): SourceProblem | null {
  const called = impureCall(node);
  if (called !== null) {
    return {
      message: `calls ${called}, which differs from call to call`,
      expected: 'a value that follows from the arguments alone',
      remedy: 'Take the instant, or the number, as an argument.',
    };
  }
  for (const child of childrenOf(node)) {
    const found = impurity(child);
    if (found !== null) return found;
  }
  return null;
}

function impureCall(node: AnyNode): string | null {
  if (node.type === 'NewExpression') {
    const isNow = node.callee.type === 'Identifier' && node.callee.name === 'Date' && node.arguments.length === 0;
    return isNow ? 'new Date()' : null;
  }
  if (node.type === 'ImportExpression') return 'import()';
  if (node.type !== 'MemberExpression' || node.object.type !== 'Identifier') return null;
  const name = node.property.type === 'Identifier' && !node.computed ? `${node.object.name}.${node.property.name}` : '';
  return name === 'Math.random' || name === 'Date.now' ? `${name}()` : null;
}

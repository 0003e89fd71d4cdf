import { AsofError, type ErrorCode, type ErrorDetails, type ErrorProblem } from '../errors/asof-error.ts';
import { nearest } from '../errors/nearest.ts';

/** Collects everything that is wrong, so that one run shows it all. */
export interface Problems {
  readonly found: readonly ErrorProblem[];
  add(path: string, message: string, details?: Omit<ErrorDetails, 'path' | 'problems'>): void;
  /** A name that nothing carries, with the nearest one that something does; where none is near, the other remedy. */
  addUnknown(path: string, what: string, name: string, known: Iterable<string>, otherwise?: string): void;
  /** BAD_DEFINITION with all of them when there are any. */
  throwIfAny(): void;
}

export function createProblems(): Problems {
  const found: ErrorProblem[] = [];
  const add: Problems['add'] = (path, message, details = {}) => {
    found.push({ message, ...(path === '' ? {} : { path }), ...details });
  };
  return {
    found,
    add,
    addUnknown(path, what, name, known, otherwise = `Declare it, or use a ${what} that is.`) {
      const names = [...known];
      const suggestion = nearest(name, names);
      add(path, `there is no ${what} ${JSON.stringify(name)}`, {
        expected: names.length === 0 ? `a ${what}, but none is declared` : `one of ${listed(names)}`,
        got: JSON.stringify(name),
        remedy: suggestion === null ? otherwise : `Did you mean ${JSON.stringify(suggestion)}?`,
      });
    },
    throwIfAny() {
      if (found.length > 0) throw problemsError(found);
    },
  };
}

/** One error that lists them all. */
export function problemsError(found: readonly ErrorProblem[], code: ErrorCode = 'BAD_DEFINITION'): AsofError {
  const [first] = found;
  if (found.length === 1 && first !== undefined) {
    const { message, ...details } = first;
    return new AsofError(code, message, { ...details, problems: found });
  }
  const lines = found.map(({ message, ...details }) => `- ${new AsofError(code, message, details).message}`);
  return new AsofError(code, `${found.length} problems in the definitions:\n${lines.join('\n')}`, {
    problems: found,
  });
}

/** At most twelve names, so that a message stays readable among hundreds of features. */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, 12).join(', ');
  return names.length > 12 ? `${shown}, … (${names.length})` : shown;
}

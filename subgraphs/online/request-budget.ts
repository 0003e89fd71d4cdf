import type { GraphQLResolveInfo } from 'graphql';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { SystemClock } from '../../core/ports/clocks.ts';
import { loaderKey, type RequestContext } from '../../runtime/context.ts';
import type { OnlineLimits } from './deps.ts';
import { countFields } from './selection.ts';

/** What all fields of one request ask for together: aliases would multiply a limit that each field has for itself. */
export interface RequestBudget {
  /** Keys of a list field, each with the values selected below it. */
  takeKeys(path: string, keys: number, info: GraphQLResolveInfo): void;
  /** Rows of feature vectors. */
  takeRows(service: string, rows: number): void;
  /** Values of feature lists: rows times features. */
  takeValues(service: string, values: number): void;
  /** Computes request-time features; what is slow takes its time from all fields of the request. */
  compute<T>(path: string, work: () => T): T;
}

interface BudgetDeps {
  readonly limits: OnlineLimits;
  readonly systemClock: SystemClock;
}

const budgetOfRequest = loaderKey<RequestBudget>('online budget');

export function requestBudget(context: RequestContext, deps: BudgetDeps): RequestBudget {
  return context.loaders.of(budgetOfRequest, () => createRequestBudget(deps));
}

/** LIMIT_EXCEEDED for what goes beyond a limit; what was taken before stays granted. */
export function createRequestBudget({ limits, systemClock }: BudgetDeps): RequestBudget {
  const taken = { keys: 0, values: 0, rows: 0 };
  let computedMillis = 0;
  const take = (kind: keyof typeof taken, count: number, limit: number, path: string, message: string): void => {
    const sum = taken[kind] + count;
    if (sum > limit) {
      const remedy = 'Ask in several requests.';
      throw new AsofError('LIMIT_EXCEEDED', message, { path, expected: `at most ${limit}`, got: String(sum), remedy });
    }
    taken[kind] = sum;
  };
  return {
    takeKeys(path, keys, info) {
      take('keys', keys, limits.listedKeys, path, 'too many keys in one request');
      take('values', keys * countFields(info), limits.listedValues, path, 'too many values in one request');
    },
    takeRows: (service, rows) =>
      take('rows', rows, limits.vectorRows, 'keys', `too many rows for ${service} in one request`),
    takeValues: (service, values) =>
      take('values', values, limits.listedValues, 'feature_names', `too many values of ${service} in one request`),
    compute(path, work) {
      if (computedMillis > limits.computedMillis) {
        throw new AsofError('LIMIT_EXCEEDED', 'the request-time features of one request take too long', {
          path,
          expected: `at most ${limits.computedMillis} ms in all`,
          remedy:
            'Ask for fewer rows at once, or make the function that it calls faster (asof_function_failures_total).',
        });
      }
      const start = systemClock.nowMillis();
      try {
        return work();
      } finally {
        computedMillis += systemClock.nowMillis() - start;
      }
    },
  };
}

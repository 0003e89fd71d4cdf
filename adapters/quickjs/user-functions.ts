import { defaultMaxSteps } from '../../core/definitions/function-limits.ts';
import type { UserFunctionDefinition } from '../../core/definitions/model.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { SystemClock } from '../../core/ports/clocks.ts';
import type { CallFunction, FunctionFailure, UserFunctions } from '../../core/ports/user-functions.ts';
import type { Value } from '../../core/values/types.ts';
import { checkFunctions } from './check-source.ts';
import { compileEngine } from './engine.ts';
import type { BoundFunction, Realm } from './realm.ts';
import { createRealms, type Realms } from './realms.ts';
import { fromWire, toWire, type Wire } from './wire.ts';

export interface UserFunctionsDeps {
  readonly clock: SystemClock;
  /** Told of each call that gave NULL because it failed. */
  readonly onFailure: (definition: UserFunctionDefinition, failure: FunctionFailure, message: string) => void;
}

/** Users' functions inside QuickJS; the engine is loaded, and its realm opened, once. */
export async function openUserFunctions(deps: UserFunctionsDeps): Promise<UserFunctions> {
  const createEngine = await compileEngine();
  const realms = createRealms(await createEngine(), createEngine, deps.clock);
  return {
    prepare(definition) {
      checkFunctions([definition]);
      return createCall(definition, realms, deps);
    },
  };
}

type Failed = { readonly failure: FunctionFailure; readonly message: string };

/** Rows that cross into the engine together, as characters of JSON; one row alone may be larger. */
const batchLength = 1_000_000;
const rowLength = 8_000_000;

/**
 * Rows run together under the limit of one call, which spares them most of the way in and out. A row that is cut in
 * company runs once more alone, from the first step of a count (or in a fresh realm, for memory), and that verdict holds:
 * so it depends on the row alone, whatever ran before it and beside it.
 */
function createCall(
  definition: UserFunctionDefinition,
  realms: Realms,
  { onFailure }: UserFunctionsDeps,
): CallFunction {
  const steps = definition.maxSteps ?? defaultMaxSteps;
  const writers = definition.args.map(({ type }) => toWire(type));
  const write = (row: readonly Value[]) => JSON.stringify(writers.map((one, index) => one(row[index] ?? null)));
  const read = fromWire(definition.returns);
  const bound = createBinding(definition, realms);

  const run = (rows: readonly string[]) => {
    try {
      const { done, cut } = bound().run(`[${rows.join()}]`, steps);
      return { done: JSON.parse(done) as (Wire | Failed)[], cut };
    } catch (cause) {
      if (cause instanceof AsofError) throw cause;
      realms.abandon();
      const message = `the engine broke on ${definition.name} version ${definition.version}`;
      throw new AsofError('UNAVAILABLE', message, { remedy: 'It is being replaced: try again.' }, { cause });
    }
  };
  const failed = (failure: FunctionFailure, message: string): null => {
    onFailure(definition, failure, message);
    return null;
  };
  const settled = (outcome: Wire | Failed): Value => {
    if (isFailed(outcome)) return failed(outcome.failure, outcome.message);
    try {
      return read(outcome);
    } catch (error) {
      return failed('type', error instanceof Error ? error.message : String(error));
    }
  };
  const runAlone = (row: string, why: FunctionFailure): Value => {
    if (why === 'memory') realms.renew();
    else realms.current().alignSteps();
    const { done, cut } = run([row]);
    const [outcome] = done;
    if (outcome !== undefined) return settled(outcome);
    if (cut === 'memory') realms.renew();
    return failed(cut!, cut === 'steps' ? `it took more than ${steps} steps` : messages[cut!]);
  };
  /** The values of the first of these rows, at least one. */
  const runTogether = (rows: readonly string[]): readonly Value[] => {
    if (rows[0]!.length > rowLength) return [failed('memory', messages.memory)];
    const { done, cut } = run(rows);
    const values = done.map((outcome, index) => {
      const isOutOfMemory = isFailed(outcome) && outcome.failure === 'memory';
      return isOutOfMemory ? runAlone(rows[index]!, 'memory') : settled(outcome);
    });
    return cut === null || values.length === rows.length ? values : [...values, runAlone(rows[values.length]!, cut)];
  };
  return (rows) => {
    const values: Value[] = [];
    while (values.length < rows.length) {
      const batch: string[] = [];
      let length = 0;
      for (let next = values.length; next < rows.length && length < batchLength; next++) {
        const row = write(rows[next]!);
        if (batch.length > 0 && length + row.length > batchLength) break;
        batch.push(row);
        length += row.length;
      }
      values.push(...runTogether(batch));
    }
    return values;
  };
}

const messages = { time: 'it took too long', memory: 'it ran out of memory' } as const;

function isFailed(outcome: Wire | Failed): outcome is Failed {
  return typeof outcome === 'object' && outcome !== null && !Array.isArray(outcome);
}

/** Bound anew in each realm. */
function createBinding(definition: UserFunctionDefinition, realms: Realms): () => BoundFunction {
  let of: Realm | null = null;
  let bound: BoundFunction | null = null;
  return () => {
    const realm = realms.current();
    if (of !== realm || bound === null) {
      bound = realm.bind(definition);
      of = realm;
    }
    return bound;
  };
}

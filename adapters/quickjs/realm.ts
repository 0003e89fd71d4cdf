import { type QuickJSContext, type QuickJSHandle, Scope } from 'quickjs-emscripten-core';
import type { UserFunctionDefinition } from '../../core/definitions/model.ts';
import type { SystemClock } from '../../core/ports/clocks.ts';
import { type Engine, stepsPerPoll } from './engine.ts';
import { pureGlobals } from './pure-globals.ts';
import { bind, purify } from './realm-code.ts';

/** By how much a call may make the engine's memory grow. QuickJS's own limit counts blocks here, not bytes. */
const growthBytes = 32 * 1024 * 1024;
const stackBytes = 256 * 1024;
/** No call is worth more real time, however few steps it takes: a step can sort a list. */
const longestMillis = 1_000;

/** Why a run ended before its rows did. */
export type Cut = 'steps' | 'time' | 'memory';

export interface Run {
  /** JSON of what became of the first rows. */
  readonly done: string;
  readonly cut: Cut | null;
}

export interface BoundFunction {
  /** @param steps allowed for all the rows together */
  run(rows: string, steps: number): Run;
}

/** A frozen world of JavaScript in which functions run; nothing that one call does reaches the next. */
export interface Realm {
  bind(definition: UserFunctionDefinition): BoundFunction;
  /** Starts the count of steps anew, so that the next run is cut at exactly its last step. */
  alignSteps(): void;
  dispose(): void;
}

/** Source text as a value. tsx names inner functions by a call of `__name`, which it declares at the head of a module. */
const strictly = (source: string): string => `'use strict'; ((__name) => (${source}\n))((f) => f)`;

export function openRealm({ module, memory }: Engine, clock: SystemClock): Realm {
  const runtime = module.newRuntime();
  runtime.setMaxStackSize(stackBytes);
  let polls = 0;
  let allowedPolls = Number.POSITIVE_INFINITY;
  let endMillis = Number.POSITIVE_INFINITY;
  let endBytes = Number.POSITIVE_INFINITY;
  let cut: Cut | null = null;
  runtime.setInterruptHandler(() => {
    polls++;
    if (polls >= allowedPolls) cut = 'steps';
    else if (clock.nowMillis() > endMillis) cut = 'time';
    else if (memory.buffer.byteLength > endBytes) cut = 'memory';
    return cut !== null;
  });
  /** Whatever runs outside of it is our own code. */
  const limited = <T>(steps: number, work: () => T): T => {
    polls = 0;
    cut = null;
    allowedPolls = Math.ceil(steps / stepsPerPoll);
    endMillis = clock.nowMillis() + longestMillis;
    endBytes = memory.buffer.byteLength + growthBytes;
    try {
      return work();
    } finally {
      allowedPolls = endMillis = endBytes = Number.POSITIVE_INFINITY;
    }
  };
  const scope = new Scope();
  const context = scope.manage(runtime.newContext());
  const evaluate = (code: string): QuickJSHandle => context.unwrapResult(context.evalCode(strictly(code)));
  const bindInside = scope.manage(evaluate(`(${purify})(${JSON.stringify(pureGlobals)}), ${bind}`));
  const alignSteps = (): void => {
    limited(0, () => context.evalCode('for (;;);').error?.dispose());
    cut = null;
  };
  alignSteps();
  return {
    alignSteps,
    bind({ source, args, returns }) {
      const implementation = evaluate(source);
      const types = evaluate(JSON.stringify({ args, returns }));
      const bound = context.unwrapResult(context.callFunction(bindInside, context.undefined, implementation, types));
      const run = scope.manage(context.getProp(bound, 'run'));
      const take = scope.manage(context.getProp(bound, 'take'));
      for (const handle of [implementation, types, bound]) handle.dispose();
      return {
        run(rows, steps) {
          const text = context.newString(rows);
          const result = limited(steps, () => context.callFunction(run, context.undefined, text));
          text.dispose();
          if (result.error === undefined) return { done: textOf(context, result.value), cut: null };
          result.error.dispose();
          // An error that no interrupt made can only be that there was no memory for the results.
          const why = cut ?? 'memory';
          cut = null;
          const rest = context.callFunction(take, context.undefined);
          if (rest.error === undefined) return { done: textOf(context, rest.value), cut: why };
          rest.error.dispose();
          return { done: '[]', cut: 'memory' };
        },
      };
    },
    dispose() {
      scope.dispose();
      runtime.dispose();
    },
  };
}

function textOf(context: QuickJSContext, handle: QuickJSHandle): string {
  const text = context.getString(handle);
  handle.dispose();
  return text;
}

import type { UserFunctionDefinition } from '../definitions/model.ts';
import type { Value } from '../values/types.ts';

/**
 * Why a call gave NULL: it threw, returned another type than declared, took too many steps, too long, or too much memory.
 */
export const functionFailures = ['thrown', 'type', 'steps', 'time', 'memory'] as const;
export type FunctionFailure = (typeof functionFailures)[number];

/**
 * One value per row of arguments, in order; NULL where the call failed. The same arguments give the same value in every
 * process. Never throws for what the function does.
 */
export type CallFunction = (rows: readonly (readonly Value[])[]) => readonly Value[];

/** Runs the functions of users, apart from the process: they see their arguments and nothing else. */
export interface UserFunctions {
  /** BAD_DEFINITION for a source that is not one plain function, or that names what is outside of it. */
  prepare(definition: UserFunctionDefinition): CallFunction;
}

/** Loads the engine, which takes tens of milliseconds; only definitions with functions do it. */
export type OpenUserFunctions = () => Promise<UserFunctions>;

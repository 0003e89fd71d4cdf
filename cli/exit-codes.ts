import { AsofError, type ErrorCode } from '../core/errors/asof-error.ts';

/** 0 success, 1 the command failed, 2 the call or its input is wrong, 3 there are changes (plan), 75 try again. */
export const exitCodes = { success: 0, failure: 1, badInput: 2, changes: 3, temporary: 75, interrupted: 130 } as const;

const byErrorCode: Readonly<Partial<Record<ErrorCode, number>>> = {
  BAD_DEFINITION: exitCodes.badInput,
  BAD_INPUT: exitCodes.badInput,
  BAD_RECORD: exitCodes.badInput,
  UNKNOWN_NAME: exitCodes.badInput,
  CONFLICT: exitCodes.temporary,
  LOCKED: exitCodes.temporary,
  UNAVAILABLE: exitCodes.temporary,
  NOT_READY: exitCodes.temporary,
  CANCELLED: exitCodes.interrupted,
};

/** The exit code a script can act on. */
export function exitCodeOf(error: unknown): number {
  return error instanceof AsofError ? (byErrorCode[error.code] ?? exitCodes.failure) : exitCodes.failure;
}

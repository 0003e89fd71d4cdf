import { AsofError, type ErrorCode, type ErrorDetails } from '../../core/errors/asof-error.ts';

/** An error as it passes between processes, where its class is lost. */
export type ErrorForm =
  | { readonly code: ErrorCode; readonly summary: string; readonly details: ErrorDetails }
  | { readonly message: string; readonly stack: string };

export function toErrorForm(error: unknown): ErrorForm {
  if (error instanceof AsofError) return { code: error.code, summary: error.summary, details: error.details };
  if (error instanceof Error) return { message: error.message, stack: error.stack ?? '' };
  return { message: String(error), stack: '' };
}

/** An AsofError again, or an error that nobody expected. */
export function fromErrorForm(form: ErrorForm): Error {
  if ('code' in form) return new AsofError(form.code, form.summary, form.details);
  const error = new Error(form.message);
  error.stack = form.stack;
  return error;
}

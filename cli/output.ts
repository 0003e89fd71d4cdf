import { AsofError } from '../core/errors/asof-error.ts';

/** Where a command writes: results to `out`, everything for people beside them to `err`. */
export interface Output {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Results as JSON for scripts. */
  readonly json: boolean;
}

export function createOutput(json: boolean): Output {
  return {
    json,
    out: (text) => void process.stdout.write(`${text}\n`),
    err: (text) => void process.stderr.write(`${text}\n`),
  };
}

/** Prints `value` as JSON, or as `text` renders it. */
export function print<T>(output: Output, value: T, text: (value: T) => string): void {
  output.out(output.json ? JSON.stringify(value) : text(value));
}

/** One error as people read it, or as `{"error": {code, message, …}}` for scripts. */
export function printError(output: Output, error: unknown): void {
  const known = error instanceof AsofError;
  const message = error instanceof Error ? error.message : String(error);
  if (output.json) {
    output.err(
      JSON.stringify({ error: { code: known ? error.code : 'INTERNAL', message, ...(known ? error.details : {}) } }),
    );
  } else {
    output.err(`asof: ${message}`);
  }
}

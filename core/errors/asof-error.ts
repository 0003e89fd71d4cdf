/** The closed list of codes; each reaches clients as `extensions.code` and scripts as an exit code. */
export const errorCodes = [
  'BAD_DEFINITION',
  'BAD_INPUT',
  'BAD_RECORD',
  'UNKNOWN_NAME',
  'CONFLICT',
  'NOT_READY',
  'UNAVAILABLE',
  'LOCKED',
  'CORRUPT',
  'LIMIT_EXCEEDED',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'CANCELLED',
  'INTERNAL',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

export interface ErrorDetails {
  /** Where: the path of what failed, as in `views.origin_delays.features.mean_delay_1h`. */
  readonly path?: string;
  readonly expected?: string;
  readonly got?: string;
  /** What to do about it, as an instruction. */
  readonly remedy?: string;
  /** All that is wrong, where one check reports several problems; the message lists them. */
  readonly problems?: readonly ErrorProblem[];
}

export interface ErrorProblem extends Omit<ErrorDetails, 'problems'> {
  readonly message: string;
}

/** Every expected failure. The message says what and which; the details say expected, got and the remedy. */
export class AsofError extends Error {
  readonly code: ErrorCode;
  /** What happened, without the details; the message has both. */
  readonly summary: string;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, options?: { cause?: unknown }) {
    super(describe(message, details), options);
    this.name = 'AsofError';
    this.code = code;
    this.summary = message;
    this.details = details;
  }
}

function describe(message: string, { path, expected, got, remedy }: ErrorDetails): string {
  const parts = [path === undefined ? message : `${path}: ${message}`];
  if (expected !== undefined) parts.push(`expected ${expected}`);
  if (got !== undefined) parts.push(`got ${got}`);
  const text = parts.join('; ');
  // What others say may end with a dot.
  return remedy === undefined ? text : `${text.replace(/\.+$/, '')}. ${remedy}`;
}

import { AsofError } from '../errors/asof-error.ts';
import type { Finding } from '../ports/health-check.ts';

/** Of what does not hold. */
export interface Wanted {
  readonly what: string;
  readonly expected: string;
  readonly got: string;
  readonly remedy: string;
}

/** Findings of one service. */
export interface Findings {
  ok(what: string, got: string): Finding;
  warn(wanted: Wanted): Finding;
  fail(wanted: Wanted): Finding;
  /** `ok` where it holds, else as bad as `level` says. */
  holds(isSo: boolean, level: 'warn' | 'fail', wanted: Wanted): Finding;
  /** What was thrown while `what` was looked at. */
  failed(what: string, error: unknown, level?: 'warn' | 'fail'): Finding;
}

export function findingsOf(service: string): Findings {
  const bad = (level: 'warn' | 'fail', { what, expected, got, remedy }: Wanted): Finding => {
    return { service, level, what, expected, got, remedy };
  };
  const ok = (what: string, got: string): Finding => {
    return { service, level: 'ok', what, expected: null, got, remedy: null };
  };
  return {
    ok,
    warn: (wanted) => bad('warn', wanted),
    fail: (wanted) => bad('fail', wanted),
    holds: (isSo, level, wanted) => (isSo ? ok(wanted.what, wanted.got) : bad(level, wanted)),
    failed(what, error, level = 'fail') {
      const known = error instanceof AsofError ? error.details : {};
      const message = error instanceof Error ? error.message : String(error);
      return {
        service,
        level,
        what: known.path === undefined ? what : `${what} ${known.path}`,
        expected: known.expected ?? null,
        got: error instanceof AsofError ? [error.summary, known.got].filter(Boolean).join(': ') : message,
        remedy: known.remedy ?? null,
      };
    },
  };
}

import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino';

/** Structured logs, one JSON object a line. */
export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error'>;

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Fields that hold secrets under any of these names, at any of the depths that we log. */
const secretNames = [
  'authorization',
  'cookie',
  'password',
  'secret',
  'token',
  'tokens',
  'apiKey',
  'connectionParams',
  'databaseUrl',
  'redisUrl',
  'redisSentinelPassword',
];
const secretPaths = secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/**
 * Logs of one process. Secrets are censored by field name, and passwords within URLs by shape; variables of
 * operations are never logged at all.
 */
export function createLogger(options: { name: string; level: LogLevel; destination?: DestinationStream }): Logger {
  return pino(
    {
      name: options.name,
      level: options.level,
      base: { name: options.name },
      redact: { paths: secretPaths, censor: '[secret]' },
      serializers: { err: (error: unknown) => describeError(error) },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    options.destination ?? pino.destination({ dest: 2, sync: true }),
  );
}

function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: withoutPasswords(String(error)) };
  return {
    type: error.name,
    message: withoutPasswords(error.message),
    stack: withoutPasswords(error.stack ?? ''),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}

/** `redis://user:secret@host` → `redis://user:[secret]@host`. */
export function withoutPasswords(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/[^\s:@/]*):[^\s@/]+@/gi, '$1:[secret]@');
}

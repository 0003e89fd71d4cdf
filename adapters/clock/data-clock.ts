import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { DataClock, SystemClock } from '../../core/ports/clocks.ts';
import type { Instant } from '../../core/values/types.ts';
import { replaceFileSync } from '../files/replace-file.ts';
import { createDataTime } from './data-time.ts';

export interface DataClockOptions {
  /** Keeps the newest instant given out, so that data time never goes back, not after `kill -9` either. */
  readonly file: string;
  readonly systemClock: SystemClock;
  /** A replay: data time starts here, the first time. Absent: data time is the system's time. */
  readonly start?: Instant;
  /** A replay: milliseconds of data time per millisecond of system time; default 1. */
  readonly speed?: number;
  /** A replay: from this instant on the speed is 1. Absent: `speed` for ever. */
  readonly replayUntil?: Instant;
  /** A replay: data time stands still until `release`, as while history is read. Default false. */
  readonly held?: boolean;
  /**
   * A held replay that several processes share: it is at `start` at the very instant given to `release`, and runs on
   * while no process does. Default false.
   */
  readonly shared?: boolean;
  /** Whether other processes read what this one stamps, each by the system's clock: see `createReadingClock`. Default false. */
  readonly readElsewhere?: boolean;
}

/** Closing it notes where data time stopped; a replay opened on the same file goes on from there. */
export interface PersistedDataClock extends DataClock, AsyncDisposable {
  /** Whether data time is a replay rather than the system's time. */
  readonly isReplay: boolean;
  /**
   * Lets a held replay run from here on, or from an instant of system time, which may be long past or still to come;
   * nothing else.
   */
  release(atMillis?: number): void;
}

/** How far ahead instants are reserved in the file, in system time: the most a replay skips after `kill -9`. */
const reservedMillis = 500;

/**
 * Data time that survives restarts. A live clock follows the system's clock and waits where that steps back; a
 * replay starts at `start`, runs at `speed` until `replayUntil`, then at 1, and stands still while no process runs, unless
 * several share it.
 *
 * The file holds `{"asofClock":1,"reserved":<ms>}`: no instant above `reserved` was ever given out. It is written
 * before an instant beyond it is, twice a second at most, never per call. Throws CORRUPT for an unreadable file and
 * BAD_INPUT for a speed that is not a positive number.
 */
export function createDataClock(options: DataClockOptions): PersistedDataClock {
  const { file, systemClock, start, speed = 1, replayUntil = Number.POSITIVE_INFINITY } = options;
  if (!(speed > 0) || !Number.isFinite(speed)) {
    throw new AsofError('BAD_INPUT', 'the replay speed is not usable', {
      path: 'speed',
      expected: 'a positive number',
      got: String(speed),
      remedy: 'Use 1 for real time, 60 for a minute per second',
    });
  }
  const isReplay = start !== undefined;
  mkdirSync(dirname(file), { recursive: true });
  const stored = readReserved(file);
  let reserved = stored ?? 0;
  const anchor = (options.shared === true ? start : (stored ?? start)) ?? 0;
  let anchorSystemMillis = options.held === true ? null : systemClock.nowMillis();

  const raw = (): Instant => {
    if (!isReplay) return Math.floor(systemClock.nowMillis());
    if (anchorSystemMillis === null) return anchor;
    const elapsed = Math.max(0, systemClock.nowMillis() - anchorSystemMillis);
    const toReplayEnd = Math.max(0, replayUntil - anchor) / speed;
    if (elapsed <= toReplayEnd) return Math.floor(anchor + elapsed * speed);
    return Math.floor(Math.max(anchor, replayUntil) + (elapsed - toReplayEnd));
  };
  const time = createDataTime({
    raw,
    floor: Math.max(anchor, stored ?? 0),
    readElsewhere: options.readElsewhere === true,
    onGrant: (instant) => {
      if (instant <= reserved) return;
      const rate = isReplay && instant < replayUntil ? speed : 1;
      const ahead = Math.ceil(instant + reservedMillis * rate);
      writeReserved(file, ahead);
      reserved = ahead;
    },
  });

  return {
    isReplay,
    release: (atMillis = systemClock.nowMillis()) => {
      anchorSystemMillis ??= atMillis;
    },
    now: time.now,
    readInstant: time.readInstant,
    stampArrival: time.stampArrival,
    systemMillisUntil: (instant) => {
      const present = time.now();
      if (instant <= present) return 0;
      if (!isReplay) return instant - Math.min(present, raw());
      const from = Math.min(present, raw());
      const replayed = Math.max(0, Math.min(instant, replayUntil) - from);
      const after = Math.max(0, instant - Math.max(from, replayUntil));
      return Math.ceil(replayed / speed + after);
    },
    [Symbol.asyncDispose]: async () => {
      reserved = time.newestGrant();
      writeReserved(file, reserved);
    },
  };
}

function writeReserved(file: string, reserved: Instant): void {
  replaceFileSync(file, `${JSON.stringify({ asofClock: 1, reserved })}\n`);
}

export function readReserved(file: string): Instant | null {
  if (!existsSync(file)) return null;
  const text = readFileSync(file, 'utf8');
  const reserved = parseReserved(text);
  if (reserved !== null) return reserved;
  throw new AsofError('CORRUPT', 'the data clock’s file is damaged', {
    path: file,
    expected: '{"asofClock":1,"reserved":<milliseconds>}',
    got: JSON.stringify(text.slice(0, 80)),
    remedy:
      'Write that line with an instant at or after the newest arrival in the event log, or delete the file to start over from the replay’s start',
  });
}

function parseReserved(text: string): Instant | null {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null || !('asofClock' in parsed) || !('reserved' in parsed))
      return null;
    const { asofClock, reserved } = parsed;
    return asofClock === 1 && typeof reserved === 'number' && Number.isSafeInteger(reserved) && reserved >= 0
      ? reserved
      : null;
  } catch {
    return null;
  }
}

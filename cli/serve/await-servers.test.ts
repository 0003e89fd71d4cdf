import { beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../adapters/clock/manual-clock.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import { createLogger } from '../../runtime/logging.ts';
import { openWhenServersAnswer } from './await-servers.ts';

let clock: ManualClock;
let logged: string[];
let waiting: (string | null)[];
let stopping: AbortController;
beforeEach(() => {
  clock = createManualClock({ at: 0 });
  [logged, waiting, stopping] = [[], [], new AbortController()];
});

/** In steps, since each pause begins when the one before is over. */
async function pass(millis: number): Promise<void> {
  for (let passed = 0; passed < millis; passed += 250) await clock.advance(250);
}

const away = () => new AsofError('UNAVAILABLE', 'PostgreSQL does not answer');

function deps() {
  const logger = createLogger({
    name: 'test',
    level: 'warn',
    destination: { write: (line) => void logged.push(line) },
  });
  return {
    systemClock: clock,
    logger,
    signal: stopping.signal,
    onWaiting: (reason: string | null) => waiting.push(reason),
  };
}

describe('what needs servers', () => {
  it('is opened when they answer, and what was opened in vain is closed', async () => {
    const closed: number[] = [];
    let attempts = 0;
    const opening = openWhenServersAnswer(async (stack) => {
      const attempt = ++attempts;
      stack.defer(() => void closed.push(attempt));
      if (attempt < 4) throw away();
      return 'open';
    }, deps());
    await pass(10_000);
    const { opened, stack } = await opening;
    expect([opened, attempts, closed]).toEqual(['open', 4, [1, 2, 3]]);
    expect(waiting).toEqual([...Array(3).fill(expect.stringContaining('PostgreSQL')), null]);
    expect(logged.map((line) => JSON.parse(line).msg)).toEqual([
      'waits for a server that it needs',
      'what this process waited for answers',
    ]);
    await stack[Symbol.asyncDispose]();
    expect(closed).toEqual([1, 2, 3, 4]);
  });

  it('waits longer and longer, and says so once a minute', async () => {
    let attempts = 0;
    const opening = openWhenServersAnswer(async () => {
      attempts++;
      throw away();
    }, deps());
    await pass(121_000);
    expect(attempts).toBeGreaterThan(20);
    expect(attempts).toBeLessThan(32);
    expect(logged.length).toBeGreaterThanOrEqual(2);
    expect(logged.length).toBeLessThanOrEqual(3);
    stopping.abort(new Error('told to stop'));
    await expect(opening).rejects.toThrow('told to stop');
  });

  it('fails at once with anything else', async () => {
    const wrong = new AsofError('CORRUPT', 'a file is damaged');
    await expect(openWhenServersAnswer(() => Promise.reject(wrong), deps())).rejects.toBe(wrong);
    expect(waiting).toEqual([]);
  });
});

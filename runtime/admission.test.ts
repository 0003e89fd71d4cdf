import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { createManualClock } from '../adapters/clock/manual-clock.ts';
import { ok, post, startProcess, until } from '../test/gateway/tiny-process.ts';
import { createAdmission } from './admission.ts';
import { createMetrics } from './metrics.ts';

const slow = { query: '{ slow }' };

describe('a process that has as much to do as it can', () => {
  it('refuses more at once, and takes it again when there is room', async () => {
    const { host, world, metrics } = await startProcess({ limits: { requestsAtOnce: 2 } });
    const running = [post(host, slow), post(host, slow)];
    await until(() => world.slowAnswers.length === 2);
    const refused = await post(host, ok);
    expect(refused).toMatchObject({ status: 503, body: { errors: [{ extensions: { code: 'UNAVAILABLE' } }] } });
    expect(refused.headers.get('retry-after')).toBe('1');
    expect((await metrics.requestsRefused.get()).values[0]?.value).toBe(1);
    world.slowAnswers[0]!(1);
    expect((await running[0])?.body).toEqual({ data: { slow: 1 } });
    expect((await post(host, ok)).status).toBe(200);
    world.slowAnswers[1]!(2);
    expect((await running[1])?.body).toEqual({ data: { slow: 2 } });
  });

  it('has room again after requests that were refused for themselves', async () => {
    const { host } = await startProcess({ limits: { requestsAtOnce: 1 } });
    for (const body of ['{', { query: '{' }, { query: '{ nothing }' }]) await post(host, body);
    expect((await post(host, ok)).status).toBe(200);
  });
});

describe('a connection whose request is refused', () => {
  async function answers(asked: string, isOver = true): Promise<string> {
    const { host } = await startProcess({ limits: { requestsAtOnce: 0 } });
    const socket = connect(host.port, '127.0.0.1');
    const heard = text(socket);
    socket.write(asked);
    if (isOver) socket.end('GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n');
    return heard;
  }
  const head = 'POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n';
  const posted = (length: number): string => `${head}content-length: ${length}\r\n\r\n${' '.repeat(length)}`;

  it.each([
    ['its body is short: a busy process is slow in taking new ones', posted(64 * 1_024)],
    ['it has no body', 'GET /graphql?query=%7Bok%7D HTTP/1.1\r\nhost: localhost\r\n\r\n'],
  ])('is kept when %s', async (_, asked) => {
    const heard = await answers(asked);
    expect(heard).toMatch(/^HTTP\/1\.1 503 .*connection: keep-alive.*HTTP\/1\.1 200 /is);
  });

  it('is closed when its body is long, and nothing after it is taken for a request', async () => {
    const heard = await answers(posted(64 * 1_024 + 1));
    expect(heard).toMatch(/^HTTP\/1\.1 503 .*connection: close/is);
    expect(heard).not.toContain('HTTP/1.1 200');
  });

  it('is closed when nobody knows how long its body is', async () => {
    const heard = await answers(`${head}transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n`, false);
    expect(heard).toMatch(/^HTTP\/1\.1 503 .*connection: close/is);
  });
});

describe('a process that always has work', () => {
  /** @param underWay how many requests are being answered at first */
  function open({ underWay = 64, isBusy = true } = {}) {
    const clock = createManualClock({ at: 0 });
    const leaving: (() => void)[] = [];
    const load = { isBusy };
    const metrics = createMetrics();
    const admission = createAdmission({
      most: 1_000,
      metrics,
      systemClock: clock,
      busy: () => (load.isBusy ? 1 : 0.5),
    });
    const takes = (): boolean => {
      try {
        leaving.push(admission.enter());
        return true;
      } catch (error) {
        expect(error).toMatchObject({
          code: 'UNAVAILABLE',
          details: { remedy: expect.stringContaining('Retry-After') },
        });
        return false;
      }
    };
    /** How many of so many that come at once. */
    const taken = (count: number): number => Array.from({ length: count }, takes).filter(Boolean).length;
    const answer = (count: number): void => {
      for (const leave of leaving.splice(0, count)) leave();
    };
    expect(taken(underWay)).toBe(underWay);
    return { clock, load, taken, answer };
  }

  it('takes all of a burst that it works off within a tenth of a second', async () => {
    const { clock, taken, answer } = open({ underWay: 0 });
    expect(taken(1_000)).toBe(1_000);
    await clock.advance(99);
    answer(1_000);
    expect(taken(1_000)).toBe(1_000);
  });

  it('takes as many as it answered in a tenth of a second, so that nobody waits much longer', async () => {
    const { clock, taken, answer } = open({ underWay: 500 });
    await clock.advance(100);
    answer(200);
    expect(taken(1_000)).toBe(0);
    answer(150);
    expect(taken(1_000)).toBe(50);
    await clock.advance(200);
    answer(200);
    // 350 were answered in 200 ms.
    expect(taken(1_000)).toBe(175);
  });

  it('takes 64 however long each takes', async () => {
    const { clock, taken } = open({ underWay: 63 });
    await clock.advance(1_000);
    expect(taken(10)).toBe(1);
  });

  it('takes whatever comes while it waits for a store more than it works', async () => {
    const { clock, taken } = open({ underWay: 500, isBusy: false });
    await clock.advance(100);
    expect(taken(1_000)).toBe(500);
  });

  it('is open again when it had nothing to do for a time', async () => {
    const { clock, load, taken, answer } = open({ underWay: 500 });
    await clock.advance(100);
    expect(taken(1)).toBe(0);
    answer(500);
    load.isBusy = false;
    await clock.advance(100);
    expect(taken(1_000)).toBe(1_000);
  });

  it('measures anew when the clock goes back', async () => {
    const clock = createManualClock({ at: 0 });
    let now = 1_000_000;
    const systemClock = { ...clock, nowMillis: () => now };
    const admission = createAdmission({ most: 1_000, metrics: createMetrics(), systemClock, busy: () => 1 });
    now = 0;
    for (let index = 0; index < 64; index++) admission.enter();
    expect(() => admission.enter()).toThrow('at most 64 requests at once');
  });
});

describe('a client that waits only so long', () => {
  it('is told when its time is over, and the work stops', async () => {
    const clock = createManualClock({ at: 0 });
    const { host, world } = await startProcess({ clock });
    const answer = post(host, slow, { 'x-asof-deadline-ms': '40' });
    await until(() => world.signals.length === 1);
    await clock.advance(39);
    expect(world.signals[0]!.aborted).toBe(false);
    await clock.advance(1);
    expect(await answer).toMatchObject({
      status: 200,
      body: {
        data: null,
        errors: [{ extensions: { code: 'UNAVAILABLE', expected: expect.stringContaining('40 ms') } }],
      },
    });
    expect(world.signals[0]!.aborted).toBe(true);
  });

  it('gets what is answered in time', async () => {
    const { host } = await startProcess();
    expect(await post(host, ok, { 'x-asof-deadline-ms': '60000' })).toMatchObject({
      body: { data: { airport: { delay: 7 } } },
    });
  });

  it.each(['0', '-1', '1.5', 'soon', '99999999', ''])('is refused with a deadline of %j', async (millis) => {
    const { host } = await startProcess();
    const refused = await post(host, ok, { 'x-asof-deadline-ms': millis });
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ extensions: { code: 'BAD_INPUT' } }] } });
  });
});

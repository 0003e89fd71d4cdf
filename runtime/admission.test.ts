import { describe, expect, it } from 'vitest';
import { createManualClock } from '../adapters/clock/manual-clock.ts';
import { ok, post, startProcess, until } from '../test/gateway/tiny-process.ts';

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

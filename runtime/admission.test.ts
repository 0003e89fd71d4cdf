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

describe('a process whose turns take long', () => {
  /** @param underWay how many requests are being answered all the while */
  async function open({ underWay = 64 } = {}) {
    const clock = createManualClock({ at: 0 });
    const admission = createAdmission({ most: 1_000, metrics: createMetrics(), systemClock: clock });
    const takes = (): boolean => {
      try {
        admission.enter()();
        return true;
      } catch (error) {
        expect(error).toMatchObject({ code: 'UNAVAILABLE', details: { expected: expect.stringContaining('5 ms') } });
        return false;
      }
    };
    /** A request at the beginning of a turn of the event loop, and one after so long in the same turn. */
    const turn = async (millis: number): Promise<boolean[]> => {
      const first = takes();
      await clock.advance(millis);
      const second = takes();
      await new Promise((resolve) => setImmediate(resolve));
      return [first, second];
    };
    for (let index = 0; index < underWay; index++) admission.enter();
    await turn(0);
    return { clock, turn };
  }

  it('takes all of a burst, however long it works on it', async () => {
    const { turn } = await open();
    expect(await turn(99)).toEqual([true, true]);
    expect(await turn(5)).toEqual([true, true]);
    expect(await turn(99)).toEqual([true, true]);
  });

  it('refuses what comes late in a turn when they stay long, and goes on taking what comes first', async () => {
    const { turn } = await open();
    for (let index = 0; index < 5; index++) expect(await turn(20)).toEqual([true, true]);
    for (let index = 0; index < 20; index++) expect(await turn(20)).toEqual([true, false]);
    expect(await turn(5)).toEqual([true, true]);
  });

  it('takes whatever comes while few are under way, as a few clients with large requests are', async () => {
    const { turn } = await open({ underWay: 63 });
    for (let index = 0; index < 20; index++) expect(await turn(40)).toEqual([true, true]);
  });

  it('is patient again after a time without long turns', async () => {
    const { clock, turn } = await open();
    for (let index = 0; index < 6; index++) await turn(20);
    expect(await turn(20)).toEqual([true, false]);
    expect(await turn(5)).toEqual([true, true]);
    await clock.advance(100);
    expect(await turn(20)).toEqual([true, true]);
  });

  it('does not count long turns that short ones part', async () => {
    const { turn } = await open();
    for (let index = 0; index < 20; index++) {
      for (const millis of [40, 40, 1]) expect(await turn(millis)).toEqual([true, true]);
    }
  });

  it('does not count long turns that lie far apart', async () => {
    const { clock, turn } = await open();
    for (let index = 0; index < 20; index++) {
      expect(await turn(40)).toEqual([true, true]);
      await clock.advance(101);
    }
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

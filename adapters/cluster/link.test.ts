import { describe, expect, it, onTestFinished } from 'vitest';
import { AsofError } from '../../core/errors/asof-error.ts';
import { linkedPair } from '../../test/doubles/linked-pair.ts';

function pair() {
  const { here, there, close } = linkedPair();
  onTestFinished(close);
  return { here, there, close };
}

describe('a link', () => {
  it('asks the other end, with what JSON cannot hold', async () => {
    const { here, there } = pair();
    there.offer({
      sum: async (a: bigint, b: bigint) => ({ sum: a + b, bytes: Uint8Array.of(1, 2), map: new Map([[1, 'a']]) }),
    });
    expect(await here.call('sum', [2n ** 60n, 1n])).toEqual({
      sum: 2n ** 60n + 1n,
      bytes: Uint8Array.of(1, 2),
      map: new Map([[1, 'a']]),
    });
  });

  it('has both ends ask at once, each its own', async () => {
    const { here, there } = pair();
    here.offer({ who: async () => 'here' });
    there.offer({ who: async () => 'there' });
    expect(await Promise.all([here.call('who', []), there.call('who', [])])).toEqual(['there', 'here']);
  });

  it('gives errors as what they are', async () => {
    const { here, there } = pair();
    there.offer({
      refuse: async () => {
        throw new AsofError('CONFLICT', 'somebody was faster', {
          path: 'a.b',
          expected: '1',
          got: '2',
          remedy: 'Again.',
        });
      },
      break: async () => {
        throw new TypeError('nobody expected it');
      },
    });
    const refused = await here.call('refuse', []).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(AsofError);
    expect(refused).toMatchObject({
      code: 'CONFLICT',
      message: 'a.b: somebody was faster; expected 1; got 2. Again.',
      details: { path: 'a.b', expected: '1', got: '2', remedy: 'Again.' },
    });
    const broken = await here.call('break', []).catch((error: unknown) => error);
    expect(broken).not.toBeInstanceOf(AsofError);
    expect(broken).toMatchObject({ message: 'nobody expected it', stack: expect.stringContaining('link.test') });
  });

  it('refuses what cannot be copied, and what the other end does not know', async () => {
    const { here, there } = pair();
    there.offer({ give: async () => () => {}, take: async () => {} });
    await expect(here.call('take', [() => {}])).rejects.toThrow(/could not be cloned/);
    await expect(here.call('give', [])).rejects.toThrow(/could not be cloned/);
    await expect(here.call('other', [])).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('tells of events in their order until the stop', async () => {
    const { here, there } = pair();
    let tell: (event: unknown) => void = () => {};
    let stops = 0;
    there.offer(
      { tell: async (event: number) => tell(event) },
      {
        async numbers(teller, first: number) {
          tell = teller;
          teller(first);
          return () => {
            stops++;
          };
        },
      },
    );
    const heard: unknown[] = [];
    const stop = await here.follow('numbers', [7], (event) => heard.push(event));
    expect(heard).toEqual([7]);
    await here.call('tell', [8]);
    await here.call('tell', [9]);
    expect(heard).toEqual([7, 8, 9]);
    stop();
    stop();
    await here.call('tell', [10]);
    expect([heard, stops]).toEqual([[7, 8, 9], 1]);
  });

  it('does not follow what could not be started', async () => {
    const { here, there } = pair();
    there.offer(
      {},
      {
        async refusing() {
          throw new AsofError('BAD_INPUT', 'not this');
        },
      },
    );
    await expect(here.follow('refusing', [], () => {})).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  it('answers nothing more when the other end is gone, and stops telling it', async () => {
    const { here, there, close } = pair();
    let wasStopped: () => void = () => {};
    const stopped = new Promise<void>((resolve) => {
      wasStopped = resolve;
    });
    there.offer({ never: () => new Promise(() => {}) }, { numbers: async () => wasStopped });
    await here.follow('numbers', [], () => {});
    const unanswered = here.call('never', []);
    close();
    await expect(unanswered).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(here.call('never', [])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await stopped;
  });
});

import { describe, expect, it, onTestFinished } from 'vitest';
import { createManualClock } from '../../../adapters/clock/manual-clock.ts';
import { toErrorForm } from '../../../adapters/cluster/error-form.ts';
import { asking } from '../../../adapters/cluster/link.ts';
import type { HowEnded, WorkerProcess } from '../../../adapters/cluster/processes.ts';
import { AsofError } from '../../../core/errors/asof-error.ts';
import { createLogger } from '../../../runtime/logging.ts';
import { createMetrics } from '../../../runtime/metrics.ts';
import { linkedPair } from '../../../test/doubles/linked-pair.ts';
import { type CrewCalls, type Hello, startCrew } from './crew.ts';

/** A worker as its primary sees it, played by the test. */
interface Played {
  readonly asks: ReturnType<typeof asking<CrewCalls>>;
  wasKilled: boolean;
  stops: number;
  end(how: HowEnded): Promise<void>;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const killed = { code: null, signal: 'SIGKILL' };

function world(count: number) {
  const systemClock = createManualClock({ at: 0 });
  const metrics = createMetrics();
  const played: Played[] = [];
  function start(): WorkerProcess {
    const { here, there, close } = linkedPair();
    onTestFinished(close);
    let end: (how: HowEnded) => void = () => {};
    const ended = new Promise<HowEnded>((resolve) => {
      end = resolve;
    });
    const worker: Played = {
      asks: asking<CrewCalls>(there),
      wasKilled: false,
      stops: 0,
      async end(how) {
        end(how);
        await turn();
      },
    };
    there.offer({
      async stop() {
        worker.stops++;
      },
      counts: async () => [],
    });
    played.push(worker);
    const kill = () => {
      worker.wasKilled = true;
      end(killed);
    };
    return { pid: played.length, link: here, ended, kill };
  }
  const crew = startCrew({
    count,
    start,
    port: async () => 4321,
    offer() {},
    onEnded() {},
    onChange() {},
    systemClock,
    logger: createLogger({ name: 'test', level: 'silent' }),
    metrics,
  });
  const restarts = async () => (await metrics.workerRestarts.get()).values[0]!.value;
  return { crew, played, systemClock, restarts };
}

const url = 'http://localhost:4321';

describe('a crew', () => {
  it('answers when each of its workers does', async () => {
    const { crew, played } = world(2);
    const hellos: Hello[] = [];
    for (const { asks } of played) hellos.push(await asks.call('hello'));
    expect(hellos).toEqual([
      { worker: 1, listensLast: false, port: 4321 },
      { worker: 2, listensLast: false, port: 4321 },
    ]);
    await played[0]!.asks.call('ready', url);
    expect(crew.notes()).toEqual(['worker 2 is away since 1970-01-01T00:00:00.000Z: it starts']);
    await played[1]!.asks.call('ready', url);
    expect([await crew.url, crew.notes()]).toEqual([url, []]);
    expect(crew.members().map(({ name }) => name)).toEqual(['worker 1', 'worker 2']);
  });

  it('ends with what the first told that could not answer, and starts none again', async () => {
    const { crew, played, restarts } = world(2);
    const taken = new AsofError('UNAVAILABLE', 'port 4000 is in use by another process');
    await played[1]!.asks.call('hello');
    await played[1]!.asks.call('failed', toErrorForm(taken));
    await played[1]!.end({ code: 75, signal: null });
    await expect(crew.url).rejects.toMatchObject({ code: 'UNAVAILABLE', message: taken.message });
    await expect(crew.listening).rejects.toThrow();
    await crew.stop(1_000);
    expect([played.length, played[0]!.wasKilled, await restarts()]).toEqual([2, true, 0]);
  });

  it('starts one again that has ended, under its number, behind the others', async () => {
    const { crew, played, systemClock, restarts } = world(2);
    for (const { asks } of played) await asks.call('ready', url);
    await played[0]!.end(killed);
    expect(played).toHaveLength(3);
    expect(await played[2]!.asks.call('hello')).toEqual({ worker: 1, listensLast: true, port: 4321 });
    await played[2]!.end(killed);
    expect(crew.notes()).toEqual(['worker 1 is away since 1970-01-01T00:00:00.000Z: it waits']);
    expect(crew.members()).toEqual([]);
    await systemClock.advance(1_000);
    await turn();
    expect([played.length, await restarts()]).toEqual([4, 2]);
  });

  it('has each finish, and waits for it', async () => {
    const { crew, played } = world(2);
    for (const { asks } of played) await asks.call('hello');
    for (const { asks } of played) await asks.call('ready', url);
    const stopping = crew.stop(1_000);
    await expect.poll(() => played.map(({ stops }) => stops)).toEqual([1, 1]);
    for (const worker of played) await worker.end({ code: 0, signal: null });
    await stopping;
    expect(played.map(({ wasKilled }) => wasKilled)).toEqual([false, false]);
  });

  it('does not wait for one that has not begun, nor take it for one that failed', async () => {
    const { crew, played } = world(1);
    await played[0]!.asks.call('hello');
    await played[0]!.asks.call('ready', url);
    await played[0]!.end(killed);
    await crew.stop(1_000);
    expect([played.length, played[1]!.wasKilled]).toEqual([2, true]);
  });

  it('ends those that do not finish in time, and says so', async () => {
    const { crew, played, systemClock } = world(2);
    for (const { asks } of played) await asks.call('hello');
    for (const { asks } of played) await asks.call('ready', url);
    const stopping = crew.stop(1_000);
    const refused = expect(stopping).rejects.toThrow(/workers could not stop in time.*1000 ms/);
    await played[0]!.end({ code: 0, signal: null });
    await systemClock.advance(1_000);
    await refused;
    expect(played.map(({ wasKilled }) => wasKilled)).toEqual([true, true]);
  });

  it('tells what one could not close', async () => {
    const { crew, played } = world(1);
    await played[0]!.asks.call('hello');
    await played[0]!.asks.call('ready', url);
    const stopping = crew.stop(1_000);
    const refused = expect(stopping).rejects.toThrow('it could not be closed');
    await played[0]!.asks.call('failed', toErrorForm(new Error('it could not be closed')));
    await played[0]!.end({ code: 1, signal: null });
    await refused;
  });
});

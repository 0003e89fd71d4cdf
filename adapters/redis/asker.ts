import { AsofError } from '../../core/errors/asof-error.ts';
import type { SystemClock } from '../../core/ports/clocks.ts';
import type { Deadline } from '../../core/time/deadline.ts';
import { type CircuitBreaker, createCircuitBreaker } from './circuit-breaker.ts';
import type { RedisCommand } from './redis-client.ts';
import { isUnanswered } from './redis-error.ts';
import type { RedisServer, RedisServers } from './servers.ts';

/** Why a command has no reply: it took too long, the connection failed, or nobody was asked because it failed before. */
export type Unanswered = 'deadline' | 'connection' | 'open';

export interface RedisEvents {
  readonly onUnanswered?: (server: string, reason: Unanswered, commands: number) => void;
  /** The circuit breaker of a server opened or closed. */
  readonly onBreaker?: (server: string, isOpen: boolean) => void;
}

export interface AskerDeps {
  readonly servers: RedisServers;
  readonly clock: SystemClock;
  readonly events: RedisEvents;
}

export interface Asker {
  /**
   * Runs commands on a server in one round trip, each sent on by itself where the server no longer has its slot. Same
   * length and order as the commands, an Error for one that failed or had no reply by the deadline. Never rejects.
   */
  ask(server: RedisServer, commands: readonly RedisCommand[], deadline: Deadline): Promise<readonly unknown[]>;
}

export function createAsker({ servers, clock, events }: AskerDeps): Asker {
  const { routed } = servers;
  const breakers = new Map<string, CircuitBreaker>();
  const breakerOf = (server: string): CircuitBreaker => {
    let breaker = breakers.get(server);
    if (breaker === undefined) {
      breaker = createCircuitBreaker({ clock, onChange: (isOpen) => events.onBreaker?.(server, isOpen) });
      breakers.set(server, breaker);
    }
    return breaker;
  };

  /** Gives the replies one by one, for those that came in time are kept when others do not. */
  async function run(
    { client }: RedisServer,
    commands: readonly RedisCommand[],
    reply: (index: number, value: unknown) => void,
  ): Promise<void> {
    const elsewhere: number[] = [];
    const take = (index: number, value: unknown): void => {
      const mayMove = routed !== null && commands[index]!.isForThisServer !== true;
      if (mayMove && value instanceof Error && isUnanswered(value)) elsewhere.push(index);
      else reply(index, value);
    };
    if (client === null) {
      for (const index of commands.keys()) take(index, new Error('not connected'));
    } else if (commands.length === 1) {
      const { name, args } = commands[0]!;
      take(0, await client.callBuffer(name, args).catch(asError));
    } else {
      const pipeline = client.pipeline();
      for (const { name, args } of commands) pipeline.callBuffer(name, args);
      const results = (await pipeline.exec().catch(() => null)) ?? [];
      commands.forEach((_, index) => {
        const [error, value] = results[index] ?? [new Error('no reply'), null];
        take(index, error ?? value);
      });
    }
    const sendOn = async (index: number): Promise<void> => {
      const { name, args } = commands[index]!;
      reply(index, await routed?.callBuffer(name, args).catch(asError));
    };
    await Promise.all(elsewhere.map(sendOn));
  }

  return {
    async ask(server, commands, deadline) {
      const breaker = breakerOf(server.name);
      if (!breaker.mayAsk()) {
        events.onUnanswered?.(server.name, 'open', commands.length);
        const error = unanswered(server, 'it did not answer several times and is left alone for a moment');
        return commands.map(() => error);
      }
      const replies: unknown[] = new Array(commands.length).fill(missing);
      const work = run(server, commands, (index, value) => {
        replies[index] = value;
      });
      const isInTime = await deadline.within(work);
      const late = isInTime ? null : unanswered(server, 'no reply in time');
      // A copy: what comes late must not change what was answered.
      const answered = late === null ? replies : replies.map((reply) => (reply === missing ? late : reply));
      let failed = 0;
      for (const reply of answered) if (reply instanceof Error && isUnanswered(reply)) failed++;
      if (failed > 0) events.onUnanswered?.(server.name, isInTime ? 'connection' : 'deadline', failed);
      breaker.settle(failed > 0 ? 'failed' : 'answered');
      return answered;
    },
  };
}

/** Stands where no reply has come. */
const missing = Symbol('missing');

function unanswered({ name }: RedisServer, got: string): AsofError {
  const remedy = 'See whether the server runs and is not overloaded; what was asked for can be tried again';
  return new AsofError('UNAVAILABLE', 'Redis does not answer', { path: `redis ${name}`, got, remedy });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

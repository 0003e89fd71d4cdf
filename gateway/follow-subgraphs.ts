import { AsofError } from '../core/errors/asof-error.ts';
import type { SystemClock } from '../core/ports/clocks.ts';
import { linkSignals } from '../core/time/linked-signal.ts';
import type { Logger } from '../runtime/logging.ts';
import type { Metrics } from '../runtime/metrics.ts';
import type { Gateway } from './gateway.ts';
import { createRemoteSubgraph, type RemoteSubgraph, type TaggedSdl } from './remote-subgraph.ts';
import type { SubgraphAddress, SubgraphPart } from './subgraph.ts';

export interface FollowDeps {
  readonly gateway: Pick<Gateway, 'update'>;
  readonly addresses: readonly SubgraphAddress[];
  /** Subgraphs of this process, as they are now; absent = none. */
  readonly local?: () => readonly SubgraphPart[];
  /** Without these nothing is served at first; the others are joined whenever they come. */
  readonly firstNeeds: readonly string[];
  readonly systemClock: SystemClock;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** Subgraphs of other processes, looked at again and again; closing it ends the looks and what is subscribed to there. */
export interface SubgraphFollower extends AsyncDisposable {
  /** Looks at all of them now; resolves when what they say, and what is local now, is served. */
  look(): Promise<void>;
  /** Why there is no graph yet, one sentence each; empty once there is. */
  unready(): readonly string[];
  /** Which subgraphs are away, one sentence each: what is asked of them fails, the rest is answered. */
  notes(): readonly string[];
}

/** Between two looks at one subgraph. */
const lookMillis = 1_000;
/** How long it may take to say its SDL. */
const answerMillis = 10_000;

interface Followed {
  readonly address: SubgraphAddress;
  readonly remote: RemoteSubgraph;
  /** What it said last. */
  sdl: TaggedSdl | null;
  /** Since when it has not answered, by the SystemClock; null = it answers. */
  awaySince: number | null;
}

/**
 * Keeps the gateway's graph that of the subgraphs, in whichever order they start, go, come back or change. The graph
 * is composed of what each said last: one that is away leaves its fields failing with UNAVAILABLE and nothing else.
 */
export function followSubgraphs(deps: FollowDeps): SubgraphFollower {
  const { gateway, firstNeeds, systemClock, metrics, logger } = deps;
  const stopping = new AbortController();
  const { signal } = stopping;
  let isServed = false;
  /** Since when they do not compose, by the SystemClock; null = they do. */
  let brokenSince: number | null = null;
  let isBreakTold = false;
  const followed = deps.addresses.map((address): Followed => {
    return { address, remote: createRemoteSubgraph(address, systemClock), sdl: null, awaySince: null };
  });
  const missing = (): Followed[] =>
    followed.filter(({ address, sdl }) => sdl === null && firstNeeds.includes(address.name));

  async function compose(): Promise<void> {
    if (missing().length > 0) return;
    try {
      const remote = followed.flatMap(({ address: { name, urls }, remote, sdl }) =>
        sdl === null
          ? []
          : { name, url: urls[0]!, typeDefs: sdl.typeDefs, execute: remote.execute, direct: remote.direct },
      );
      await gateway.update([...remote, ...(deps.local?.() ?? [])]);
      isServed = true;
      brokenSince = null;
      isBreakTold = false;
    } catch (error) {
      // As when one of them has taken up a revision and another has not: the next one that changes mends it.
      brokenSince ??= systemClock.nowMillis();
      if (isBreakTold || systemClock.nowMillis() - brokenSince < lookMillis) return;
      isBreakTold = true;
      logger.warn({ err: error }, 'the subgraphs do not compose; the graph stays as it is');
    }
  }

  /** Whether it says another SDL than before. */
  async function look(subgraph: Followed): Promise<boolean> {
    const { address, remote } = subgraph;
    try {
      const answer = await within(answerMillis, (late) => remote.readSdl(subgraph.sdl?.tag ?? null, late));
      if (subgraph.awaySince !== null) logger.info({ subgraph: address.name }, 'the subgraph answers again');
      subgraph.awaySince = null;
      metrics.subgraphAway.set({ subgraph: address.name }, 0);
      if (answer === null || answer.typeDefs === subgraph.sdl?.typeDefs) return false;
      subgraph.sdl = answer;
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      if (subgraph.awaySince === null) {
        logger.warn({ subgraph: address.name, err: error }, 'the subgraph does not answer; the graph stays as it is');
      }
      subgraph.awaySince ??= systemClock.nowMillis();
      metrics.subgraphAway.set({ subgraph: address.name }, 1);
      return false;
    }
  }

  async function within<T>(millis: number, work: (late: AbortSignal) => Promise<T>): Promise<T> {
    const late = new AbortController();
    const done = new AbortController();
    const error = new AsofError('UNAVAILABLE', 'the subgraph took too long to say its SDL', {
      expected: `an answer within ${millis} ms`,
    });
    using ended = linkSignals(done.signal, signal);
    using stopped = linkSignals(late.signal, signal);
    systemClock.sleep(millis, ended.signal).then(
      () => late.abort(error),
      () => {},
    );
    try {
      return await work(stopped.signal);
    } finally {
      done.abort();
    }
  }

  async function follow(subgraph: Followed): Promise<void> {
    while (!signal.aborted) {
      const isChanged = await look(subgraph);
      if (isChanged || (brokenSince !== null && !isBreakTold)) await compose();
      await systemClock.sleep(lookMillis, signal).catch(() => {});
    }
  }

  const following = Promise.all(followed.map(follow));
  return {
    async look() {
      await Promise.all(followed.map(look));
      await compose();
    },
    unready: () => {
      if (isServed) return [];
      const reasons = missing().map(({ address }) => `the subgraph '${address.name}' has not answered yet`);
      return reasons.length > 0 ? reasons : ['the subgraphs have not been composed yet'];
    },
    notes: () =>
      followed.flatMap(({ address, sdl, awaySince }) => {
        if (awaySince === null) return [];
        const since = new Date(awaySince).toISOString();
        const whatFollows = sdl === null ? 'its fields are not in the graph' : 'its fields fail with UNAVAILABLE';
        return [`the subgraph '${address.name}' has not answered since ${since}: ${whatFollows}`];
      }),
    async [Symbol.asyncDispose]() {
      stopping.abort(new AsofError('CANCELLED', 'the gateway is stopping'));
      await following;
      await Promise.all(followed.map(({ remote }) => remote.close()));
    },
  };
}

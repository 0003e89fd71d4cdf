import { deadLettersCalls } from '../../../adapters/cluster/dead-letters.ts';
import { eventLogCalls } from '../../../adapters/cluster/event-log.ts';
import { freshnessStreams } from '../../../adapters/cluster/freshness.ts';
import { liveBusCalls, liveBusStreams } from '../../../adapters/cluster/live-bus.ts';
import { registryCalls, registryStreams } from '../../../adapters/cluster/registry-store.ts';
import { AsofError } from '../../../core/errors/asof-error.ts';
import type { Instant } from '../../../core/values/types.ts';
import type { Exposed } from '../../../runtime/metrics.ts';
import type { Readiness } from '../asof.ts';
import type { BackDoors } from '../parts/gateway.ts';
import type { Stores } from '../stores.ts';
import type { CrewCalls } from './crew.ts';
import type { OpenedPrimary } from './opened-primary.ts';

/** What a worker begins with. */
export interface Beginning {
  readonly now: Instant;
  readonly doors: BackDoors | null;
}

export interface PrimaryCallsDeps {
  readonly stores: Stores;
  /** Resolves when it is there. */
  readonly opened: Promise<OpenedPrimary>;
  readonly expose: () => Promise<Exposed>;
  readonly followReadiness: (tell: (readiness: Readiness) => void) => () => void;
}

/** What workers ask of their primary, beside of what concerns their coming and going. */
export function primaryCalls({ stores, opened, expose }: PrimaryCallsDeps) {
  return {
    async begin(): Promise<Beginning> {
      const { doors, now } = await opened;
      return { doors, now: now() };
    },
    expose,
    ...registryCalls(async () => there((await opened).registry)),
    ...eventLogCalls(stores.log),
    ...deadLettersCalls(stores.deadLetters),
    ...liveBusCalls(async () => stores.ownBus()),
  };
}

export function primaryStreams({ stores, opened, followReadiness }: PrimaryCallsDeps) {
  return {
    readiness: async (tell: (readiness: Readiness) => void) => followReadiness(tell),
    ...registryStreams(async () => there((await opened).registry)),
    ...liveBusStreams(async () => stores.ownBus()),
    ...freshnessStreams(async () => there((await opened).reports)),
  };
}

export type PrimaryCalls = ReturnType<typeof primaryCalls> & CrewCalls;
export type PrimaryStreams = ReturnType<typeof primaryStreams>;

function there<T>(part: T | null): T {
  if (part !== null) return part;
  throw new AsofError('INTERNAL', 'a worker asks for what its primary does not have');
}

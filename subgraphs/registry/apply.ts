import type { Definitions } from '../../core/definitions/model.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { SystemClock } from '../../core/ports/clocks.ts';
import type { LiveBus } from '../../core/ports/live-bus.ts';
import type { RegistryStore } from '../../core/ports/registry-store.ts';
import type { OpenUserFunctions } from '../../core/ports/user-functions.ts';
import { engineFor } from '../../core/registry/engine-for.ts';
import { currentDefinitions, overlayDefinitions } from '../../core/registry/overlay.ts';
import { planChange, type RegistryPlan } from '../../core/registry/plan.ts';
import { revisionConflict } from '../../core/registry/revision-conflict.ts';

export interface ApplyOptions {
  /** Who applies, for the registry's history. */
  readonly appliedBy: string;
  /** Only on top of this revision: CONFLICT when another one is stored. Absent: on top of the newest. */
  readonly expectedRevision?: number;
  /** Plans and stores nothing. */
  readonly dryRun?: boolean;
  /** Retires what these definitions leave out; else it stays as it is, for it may be another team's. */
  readonly prune?: boolean;
}

export interface Applied {
  /** The newest revision now; unchanged by a dry run, and when there was nothing to change. */
  readonly revision: number;
  readonly plan: RegistryPlan;
}

/**
 * Makes the registry hold these definitions: what is new is added, what means something else becomes a new version.
 * BAD_DEFINITION when they do not compile or collide.
 */
export type ApplyDefinitions = (definitions: Definitions, options: ApplyOptions) => Promise<Applied>;

/** How often a plan is made anew because somebody else applied in between. */
const attempts = 5;

export function createApplyDefinitions(deps: {
  readonly store: RegistryStore;
  readonly systemClock: SystemClock;
  readonly bus: LiveBus;
  /** Absent: nobody registers functions. */
  readonly openFunctions?: OpenUserFunctions;
}): ApplyDefinitions {
  const { store, systemClock, bus } = deps;

  async function once(definitions: Definitions, options: ApplyOptions): Promise<Applied> {
    const snapshot = await store.load();
    const { revision } = snapshot;
    if (options.expectedRevision !== undefined && options.expectedRevision !== revision) {
      throw revisionConflict(options.expectedRevision, await store.lastApplied());
    }
    const wanted = options.prune === true ? definitions : overlayDefinitions(currentDefinitions(snapshot), definitions);
    const engine = await engineFor(deps.openFunctions, snapshot, wanted);
    const plan = planChange(snapshot, wanted, new Date(systemClock.nowMillis()).toISOString(), engine);
    if (plan.empty || options.dryRun === true) return { revision, plan };
    const stored = await store.apply({ ...plan.change, appliedBy: options.appliedBy }, revision);
    await bus.publish({ kind: 'registryChange', revision: stored.revision });
    return { revision: stored.revision, plan };
  }

  return async (definitions, options) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await once(definitions, options);
      } catch (error) {
        const isRace =
          error instanceof AsofError && error.code === 'CONFLICT' && options.expectedRevision === undefined;
        if (!isRace || attempt === attempts) throw error;
      }
    }
  };
}

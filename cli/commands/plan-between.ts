import { createSystemClock } from '../../adapters/clock/system-clock.ts';
import type { Definitions } from '../../core/definitions/model.ts';
import type { RegistryKind, RegistrySnapshot } from '../../core/ports/registry-store.ts';
import { engineFor } from '../../core/registry/engine-for.ts';
import { currentDefinitions, overlayDefinitions } from '../../core/registry/overlay.ts';
import { type PlanAction, planChange } from '../../core/registry/plan.ts';
import { applyChange } from '../../core/registry/snapshot.ts';
import { userFunctionsOnDemand } from '../functions/open.ts';
import type { Change } from './plan-text.ts';

const empty: RegistrySnapshot = { revision: 0, versions: [], retired: [] };

/** Definitions have no age here. */
const anyTime = '1970-01-01T00:00:00.000Z';

const actions = {
  add: 'ADD',
  newVersion: 'NEW_VERSION',
  update: 'UPDATE',
  retire: 'RETIRE',
  restore: 'RESTORE',
} as const satisfies Record<PlanAction, Change['action']>;

const kinds = {
  entity: 'ENTITY',
  source: 'SOURCE',
  view: 'FEATURE_VIEW',
  onDemandView: 'ON_DEMAND_VIEW',
  service: 'FEATURE_SERVICE',
  function: 'FUNCTION',
} as const satisfies Record<RegistryKind, string>;

/** What applying `after` would do to a registry that holds nothing but `before`. BAD_DEFINITION for either. */
export async function planBetween(
  before: Definitions,
  after: Definitions,
  { prune }: { prune: boolean },
): Promise<readonly Change[]> {
  const open = userFunctionsOnDemand({ clock: createSystemClock(), onFailure: () => {} });
  const engine = (await engineFor(open, null, before)) ?? (await engineFor(open, null, after));
  const snapshot = applyChange(empty, planChange(empty, before, anyTime, engine).change);
  const wanted = prune ? after : overlayDefinitions(currentDefinitions(snapshot), after);
  return planChange(snapshot, wanted, anyTime, engine).changes.map((change) => ({
    ...change,
    action: actions[change.action],
    kind: kinds[change.kind],
  }));
}

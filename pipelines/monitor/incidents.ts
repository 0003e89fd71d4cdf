import { randomUUID } from 'node:crypto';
import type { FreshnessIncident } from '../../core/ports/freshness.ts';
import type { LiveBus } from '../../core/ports/live-bus.ts';
import type { RegistryStore } from '../../core/ports/registry-store.ts';

/** At most one open incident per view; stored before anybody is told. */
export interface Incidents {
  /** Reads the open ones of an earlier run. */
  load(): Promise<void>;
  open(view: string): FreshnessIncident | null;
  readonly openViews: readonly string[];
  fire(incident: Omit<FreshnessIncident, 'id' | 'state' | 'resolvedAt'>): Promise<void>;
  resolve(view: string, at: number, ageMillis: number): Promise<void>;
}

/** So many incidents are looked through for open ones at a start. */
const recentIncidents = 1_000;

export function createIncidents(documents: RegistryStore, bus: LiveBus): Incidents {
  const open = new Map<string, FreshnessIncident>();
  const tell = async (incident: FreshnessIncident): Promise<void> => {
    await documents.putDocument('incidents', incident.id, incident);
    await bus.publish({ kind: 'freshnessAlert', incidentId: incident.id, state: incident.state });
  };
  return {
    async load() {
      const stored = (await documents.listDocuments('incidents', recentIncidents)) as readonly FreshnessIncident[];
      for (const incident of stored) if (incident.state === 'FIRING') open.set(incident.view, incident);
    },
    open: (view) => open.get(view) ?? null,
    get openViews() {
      return [...open.keys()];
    },
    async fire(fields) {
      const incident: FreshnessIncident = { ...fields, id: randomUUID(), state: 'FIRING', resolvedAt: null };
      await tell(incident);
      open.set(incident.view, incident);
    },
    async resolve(view, resolvedAt, ageMillis) {
      const incident = open.get(view);
      if (incident === undefined) return;
      await tell({ ...incident, state: 'RESOLVED', resolvedAt, ageMillis });
      open.delete(view);
    },
  };
}

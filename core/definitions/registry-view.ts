import type { CompiledOnDemandView, CompiledService, CompiledSource, CompiledView } from './compiled.ts';
import type { EntityDefinition } from './model.ts';

/** One revision of the registry, compiled once and shared by everything that serves it. Immutable. */
export interface CompiledRegistry {
  readonly revision: number;
  /** Current definitions by name, without the retired. */
  readonly entities: ReadonlyMap<string, EntityDefinition>;
  readonly sources: ReadonlyMap<string, CompiledSource>;
  /** All servable versions by view name, ascending; the last is current. Retired views are in `retiredViews`. */
  readonly views: ReadonlyMap<string, readonly CompiledView[]>;
  readonly retiredViews: ReadonlyMap<string, readonly CompiledView[]>;
  readonly onDemandViews: ReadonlyMap<string, CompiledOnDemandView>;
  /** By name, versions ascending; the last is current. */
  readonly services: ReadonlyMap<string, readonly CompiledService[]>;
}

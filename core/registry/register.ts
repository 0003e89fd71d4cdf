import type { Definitions } from '../definitions/model.ts';
import type { RegisteredVersion, RegistryKind } from '../ports/registry-store.ts';
import {
  entityMeaning,
  functionMeaning,
  hashOf,
  onDemandMeaning,
  serviceMeaning,
  sourceMeaning,
  viewMeaning,
} from './meaning.ts';

/** One object of valid definitions with the hash of what changes its values. */
export interface Identified {
  readonly kind: RegistryKind;
  readonly name: string;
  readonly hash: string;
  readonly definition: RegisteredVersion['definition'];
  /** Services and functions bring their own; null = the registry numbers it. */
  readonly ownVersion: number | null;
}

/** In the order in which they depend on each other. */
export function identify(definitions: Definitions): readonly Identified[] {
  const entities = new Map(definitions.entities.map((entity) => [entity.name, entity]));
  const sources = new Map(definitions.sources.map((source) => [source.name, source]));
  const one = (kind: RegistryKind, definition: RegisteredVersion['definition'], meaning: Record<string, unknown>) => ({
    kind,
    name: definition.name,
    hash: hashOf(meaning),
    definition,
    ownVersion: null,
  });
  return [
    ...definitions.functions.map((definition) => ({
      ...one('function', definition, functionMeaning(definition)),
      ownVersion: definition.version,
    })),
    ...definitions.entities.map((entity) => one('entity', entity, entityMeaning(entity))),
    ...definitions.sources.map((source) => one('source', source, sourceMeaning(source))),
    ...definitions.views.map((view) => {
      const entity = view.entity === undefined ? null : entities.get(view.entity)!;
      return one('view', view, viewMeaning(view, entity, sources.get(view.source)!));
    }),
    ...definitions.onDemandViews.map((view) => one('onDemandView', view, onDemandMeaning(view))),
    ...definitions.services.map((service) => ({
      ...one('service', service, serviceMeaning(service)),
      ownVersion: service.version,
    })),
  ];
}

/** Everything as version 1, services and functions as their own. */
export function versionsOf(definitions: Definitions, now: string): readonly RegisteredVersion[] {
  return identify(definitions).map(({ ownVersion, ...one }) => ({
    ...one,
    version: ownVersion ?? 1,
    createdAt: now,
    updatedAt: now,
  }));
}

import type { Definitions, FeatureViewDefinition } from '../definitions/model.ts';
import type { RegisteredVersion } from '../ports/registry-store.ts';
import { hashOf, viewMeaning } from './meaning.ts';
import {
  entityReasons,
  functionReasons,
  onDemandReasons,
  serviceReasons,
  sourceReasons,
  viewReasons,
} from './reasons.ts';
import type { Identified } from './register.ts';
import type { VersionOf } from './snapshot.ts';

interface Surroundings {
  readonly definitions: Definitions;
  readonly registered: ReadonlyMap<string, readonly RegisteredVersion[]>;
}

/** Why an object gets a new version: what its own definition changed, or that of its source or entity. */
export function meaningReasons(
  before: RegisteredVersion,
  after: Identified,
  surroundings: Surroundings,
): readonly string[] {
  const reasons = ownReasons({ before, after } as Pair, surroundings);
  return reasons.length > 0 ? reasons : ['its meaning changed'];
}

/** Both sides are of one kind: a name's versions never change theirs. */
type Pair = {
  readonly [K in RegisteredVersion['kind']]: {
    readonly before: VersionOf<K>;
    readonly after: Pick<VersionOf<K>, 'kind' | 'definition'>;
  };
}[RegisteredVersion['kind']];

function ownReasons(pair: Pair, surroundings: Surroundings): readonly string[] {
  switch (pair.after.kind) {
    case 'entity':
      return entityReasons(...definitionsOf<'entity'>(pair));
    case 'source':
      return sourceReasons(...definitionsOf<'source'>(pair));
    case 'view': {
      const [before, after] = definitionsOf<'view'>(pair);
      return [...viewReasons(before, after), ...surroundingReasons(after, surroundings)];
    }
    case 'onDemandView':
      return onDemandReasons(...definitionsOf<'onDemandView'>(pair));
    case 'function':
      return functionReasons(...definitionsOf<'function'>(pair));
    case 'service':
      return serviceReasons(...definitionsOf<'service'>(pair));
  }
}

type DefinitionOf<K extends RegisteredVersion['kind']> = VersionOf<K>['definition'];

function definitionsOf<K extends RegisteredVersion['kind']>(pair: Pair): [DefinitionOf<K>, DefinitionOf<K>] {
  return [pair.before.definition as DefinitionOf<K>, pair.after.definition as DefinitionOf<K>];
}

/** A source's or entity's change is a reason only where it alone would give the view another hash. */
function surroundingReasons(view: FeatureViewDefinition, surroundings: Surroundings): readonly string[] {
  const { definitions } = surroundings;
  const source = definitions.sources.find(({ name }) => name === view.source)!;
  const entity = definitions.entities.find(({ name }) => name === view.entity) ?? null;
  const oldSource = newest(surroundings, 'source', view.source) ?? source;
  const oldEntity = entity === null ? null : (newest(surroundings, 'entity', entity.name) ?? entity);
  const hash = hashOf(viewMeaning(view, entity, source));
  const reasons: string[] = [];
  if (hashOf(viewMeaning(view, entity, oldSource)) !== hash) {
    reasons.push(...sourceReasons(oldSource, source).map((reason) => `source ${source.name}: ${reason}`));
  }
  if (entity !== null && oldEntity !== null && hashOf(viewMeaning(view, oldEntity, source)) !== hash) {
    reasons.push(...entityReasons(oldEntity, entity).map((reason) => `entity ${entity.name}: ${reason}`));
  }
  return reasons;
}

function newest<K extends 'source' | 'entity'>(
  { registered }: Surroundings,
  kind: K,
  name: string,
): DefinitionOf<K> | undefined {
  const version = registered.get(`${kind} ${name}`)?.at(-1) as VersionOf<K> | undefined;
  return version?.definition;
}

import { declaredFunctions, type UserFunctionScope } from '../expressions/user-functions.ts';
import type { Field } from '../values/types.ts';
import type {
  Definitions,
  EntityDefinition,
  FeatureViewDefinition,
  OnDemandViewDefinition,
  SourceDefinition,
} from './model.ts';
import type { Problems } from './problems.ts';

const kindNames = {
  entities: 'entity',
  sources: 'source',
  views: 'view',
  onDemandViews: 'on-demand view',
} as const;

interface ByKind {
  readonly entities: EntityDefinition;
  readonly sources: SourceDefinition;
  readonly views: FeatureViewDefinition;
  readonly onDemandViews: OnDemandViewDefinition;
}

/** Definitions by name while they are being checked. */
export interface Catalog {
  /** Null when there is none; the problem is added unless the form of that very definition was already refused. */
  find<K extends keyof ByKind>(kind: K, name: string, at: { path: string; problems: Problems }): ByKind[K] | null;
  has(kind: keyof ByKind, name: string): boolean;
  /** Was something inside this definition already refused? What refers to its parts is not checked then. */
  isBroken(kind: keyof ByKind, name: string): boolean;
  /** What expressions may call; checked, never run. */
  readonly functions: UserFunctionScope;
}

export function createCatalog(definitions: Definitions, problems: Problems): Catalog {
  const refused = new Set(problems.found.map(({ path }) => (path ?? '').split('.').slice(0, 2).join('.')));
  const maps = {
    entities: new Map(definitions.entities.map((one) => [one.name, one])),
    sources: new Map(definitions.sources.map((one) => [one.name, one])),
    views: new Map(definitions.views.map((one) => [one.name, one])),
    onDemandViews: new Map(definitions.onDemandViews.map((one) => [one.name, one])),
  };
  const isBroken: Catalog['isBroken'] = (kind, name) => refused.has(`${kind}.${name}`);
  return {
    find(kind, name, at) {
      const found = maps[kind].get(name) as ByKind[typeof kind] | undefined;
      if (found !== undefined) return found;
      if (!isBroken(kind, name)) at.problems.addUnknown(at.path, kindNames[kind], name, maps[kind].keys());
      return null;
    },
    has: (kind, name) => maps[kind].has(name),
    isBroken,
    functions: declaredFunctions(definitions.functions),
  };
}

const namePattern = /^[a-z][a-z0-9_]*$/;
const identifierPattern = /^(?!__)[A-Za-z_][A-Za-z0-9_]*$/;
const maxNameLength = 128;

/** Names of entities, sources, views, features and services. */
export function checkName(name: string, path: string, problems: Problems): void {
  if (namePattern.test(name) && name.length <= maxNameLength) return;
  problems.add(path, 'is not a name', {
    expected: `lower-case letters, digits and "_", a letter first, at most ${maxNameLength}`,
    got: JSON.stringify(name),
    remedy: 'Write it in snake_case.',
  });
}

/** Names of columns, join keys and request inputs; `__` is kept for what the system adds to rows. */
export function checkFields(fields: readonly Field[], path: string, problems: Problems): void {
  const seen = new Set<string>();
  for (const { name } of fields) {
    checkIdentifier(name, `${path}.${name}`, problems);
    if (seen.has(name)) problems.add(`${path}.${name}`, 'is declared twice', { remedy: 'Remove one of them.' });
    seen.add(name);
  }
}

export function checkIdentifier(name: string, path: string, problems: Problems): void {
  if (identifierPattern.test(name) && name.length <= maxNameLength) return;
  problems.add(path, 'is not a column name', {
    expected: `letters, digits and "_", no digit and no "__" first, at most ${maxNameLength}`,
    got: JSON.stringify(name),
  });
}

/** Reports each name that occurs again. */
export function checkUnique(names: readonly string[], path: string, problems: Problems): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) {
      problems.add(path === '' ? name : `${path}.${name}`, 'is defined twice', {
        got: JSON.stringify(name),
        remedy: 'Rename one of them.',
      });
    }
    seen.add(name);
  }
}

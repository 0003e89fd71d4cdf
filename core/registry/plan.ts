import { canonicalJson } from '../definitions/canonical-json.ts';
import type { Definitions } from '../definitions/model.ts';
import { createProblems, type Problems } from '../definitions/problems.ts';
import { validateDefinitions } from '../definitions/validate.ts';
import { graphqlNames } from '../names/graphql-names.ts';
import type { RegisteredVersion, RegistryChange, RegistryKind, RegistrySnapshot } from '../ports/registry-store.ts';
import type { UserFunctions } from '../ports/user-functions.ts';
import { findBreaks } from './breaks.ts';
import { compileRegistry } from './compile.ts';
import { hashOf, onDemandMeaning, serviceMeaning } from './meaning.ts';
import { meaningReasons } from './meaning-reasons.ts';
import { updateReasons } from './reasons.ts';
import { type Identified, identify } from './register.ts';
import { applyChange } from './snapshot.ts';

export const planActions = ['add', 'newVersion', 'update', 'retire', 'restore'] as const;
export type PlanAction = (typeof planActions)[number];

export interface PlannedChange {
  readonly action: PlanAction;
  readonly kind: RegistryKind;
  readonly name: string;
  /** The version that is written, or that is current when the name is retired or restored. */
  readonly version: number;
  /** Why, as sentences: "window of mean_delay_1h changed from 1h to 2h". */
  readonly reasons: readonly string[];
  /** What stops working for whom: "service delay_model reads worst_delay_24h, which is removed". */
  readonly breaks: readonly string[];
}

export interface RegistryPlan {
  /** In the order in which the objects depend on each other; what is retired comes last. */
  readonly changes: readonly PlannedChange[];
  /** What the registry store applies; `appliedBy` is empty until the caller says who it is. */
  readonly change: RegistryChange;
  /** The definitions say what is registered already. */
  readonly empty: boolean;
}

/**
 * What applying these definitions would do; they are the whole project, so what they leave out is retired.
 * BAD_DEFINITION with every problem: references, pinned versions, a service or function that changed under its version, names
 * that collide in GraphQL.
 *
 * @param now RFC 3339 UTC, by the SystemClock
 * @param functions null where neither side has functions
 */
export function planChange(
  snapshot: RegistrySnapshot,
  definitions: Definitions,
  now: string,
  functions: UserFunctions | null = null,
): RegistryPlan {
  const problems = createProblems();
  const settled = new Set(snapshot.versions.map(({ hash }) => hash));
  validateDefinitions(definitions, problems, (one) =>
    settled.has(hashOf('version' in one ? serviceMeaning(one) : onDemandMeaning(one))),
  );
  problems.throwIfAny();
  const registered = new Map<string, RegisteredVersion[]>();
  for (const one of snapshot.versions) {
    const versions = registered.get(objectId(one));
    if (versions === undefined) registered.set(objectId(one), [one]);
    else versions.push(one);
  }
  for (const versions of registered.values()) versions.sort((a, b) => a.version - b.version);
  const setting: Setting = { definitions, registered, retired: new Set(snapshot.retired.map(objectId)), now, problems };

  const defined = identify(definitions);
  const steps = defined.map((one) => planOne(one, setting)).filter((step) => step !== null);
  problems.throwIfAny();
  const retired = planRetired(defined, setting);
  const change: RegistryChange = {
    versions: steps.flatMap(({ written }) => (written === null ? [] : [written])),
    retire: retired.map(({ kind, name }) => ({ kind, name })),
    restore: restoredNames(defined, setting),
    appliedBy: '',
  };
  const changes = [...steps.map(({ planned }) => planned), ...retired];
  const after = compileRegistry(applyChange(snapshot, change), functions);
  graphqlNames(after);
  const breaks = findBreaks(compileRegistry(snapshot, functions), after);
  return {
    changes: changes.map((one) => ({ ...one, breaks: breaks.get(objectId(one)) ?? [] })),
    change,
    empty: changes.length === 0,
  };
}

function objectId({ kind, name }: { readonly kind: RegistryKind; readonly name: string }): string {
  return `${kind} ${name}`;
}

interface Setting {
  readonly definitions: Definitions;
  /** By object, versions ascending. */
  readonly registered: ReadonlyMap<string, readonly RegisteredVersion[]>;
  readonly retired: ReadonlySet<string>;
  readonly now: string;
  readonly problems: Problems;
}

interface Step {
  readonly planned: PlannedChange;
  /** null = nothing is written: the name is only restored. */
  readonly written: RegisteredVersion | null;
}

/** Null when nothing is to be done. */
function planOne(one: Identified, setting: Setting): Step | null {
  const { kind, name, hash, definition, ownVersion } = one;
  const { now } = setting;
  const versions = setting.registered.get(objectId(one)) ?? [];
  const newest = versions.at(-1);
  const same = ownVersion === null ? newest : versions.find(({ version }) => version === ownVersion);
  const plan = (action: PlanAction, version: number, reasons: readonly string[]): PlannedChange => {
    return { action, kind, name, version, reasons, breaks: [] };
  };
  const write = (version: number, createdAt: string): RegisteredVersion => {
    return { kind, name, version, hash, definition, createdAt, updatedAt: now };
  };
  if (newest === undefined) {
    const version = ownVersion ?? 1;
    return { planned: plan('add', version, []), written: write(version, now) };
  }
  if (same !== undefined && same.hash !== hash && ownVersion !== null)
    addChangedVersion({ one, same, newest }, setting);
  if (same === undefined || same.hash !== hash) {
    const version = ownVersion ?? newest.version + 1;
    const reasons = meaningReasons(same ?? newest, one, setting);
    return { planned: plan('newVersion', version, reasons), written: write(version, now) };
  }
  if (canonicalJson(same.definition) !== canonicalJson(definition)) {
    const reasons = updateReasons(same.definition, definition);
    return { planned: plan('update', same.version, reasons), written: write(same.version, same.createdAt) };
  }
  if (!setting.retired.has(objectId(one))) return null;
  return { planned: plan('restore', same.version, ['it is defined again']), written: null };
}

interface ChangedVersion {
  readonly one: Identified;
  /** Registered under the same version. */
  readonly same: RegisteredVersion;
  readonly newest: RegisteredVersion;
}

function addChangedVersion({ one, same, newest }: ChangedVersion, setting: Setting): void {
  const { kind, name, ownVersion } = one;
  const [list, difference] =
    kind === 'function'
      ? ['functions', `otherwise: ${meaningReasons(same, one, setting).join('; ')}`]
      : ['services', 'with other features'];
  setting.problems.add(`${list}.${name}.version`, `version ${ownVersion} is registered ${difference}`, {
    got: String(ownVersion),
    expected: `a version above ${newest.version}`,
    remedy: `A registered version never changes: set version: ${newest.version + 1}.`,
  });
}

function planRetired(defined: readonly Identified[], { registered, retired }: Setting): readonly PlannedChange[] {
  const names = new Set(defined.map(objectId));
  return [...registered]
    .filter(([id]) => !names.has(id) && !retired.has(id))
    .map(([, versions]) => {
      const { kind, name, version } = versions.at(-1)!;
      return { action: 'retire', kind, name, version, reasons: ['it is no longer defined'], breaks: [] };
    });
}

function restoredNames(defined: readonly Identified[], { retired }: Setting): RegistryChange['restore'] {
  const restored = new Map(defined.filter((one) => retired.has(objectId(one))).map((one) => [objectId(one), one]));
  return [...restored.values()].map(({ kind, name }) => ({ kind, name }));
}

import { graphqlTypeOf } from '../../codegen/graphql-types.ts';
import type { CompiledView } from '../../core/definitions/compiled.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { SelectedFields } from './selection.ts';

/** How one servable version answers the fields of the typed API, which are those of the current version. */
export interface VersionPlan {
  readonly view: CompiledView;
  /** For each typed field: the feature's index in this version, or the error for asking. */
  readonly features: readonly (number | AsofError)[];
  /** The same object for the same features, in every request: the reader prepares a read for each. */
  interned(asked: AskedFeatures): AskedFeatures;
}

export interface ViewPlan {
  readonly current: CompiledView;
  /** GraphQL field → place in `VersionPlan.features`. */
  readonly fields: ReadonlyMap<string, number>;
  /** null or undefined = the current version. UNKNOWN_NAME names the versions that can be served. */
  version(version: number | null | undefined): VersionPlan;
}

/** What one selection needs of one version. */
export interface AskedFeatures {
  /** For the reader; undefined = all. */
  readonly features: readonly number[] | undefined;
  /** For each typed field: its position in the reading; −1 when it was not asked for. */
  readonly positions: readonly number[];
}

/** Beyond this many different selections of one version, further ones are prepared for each request. */
const mostInterned = 1_000;

export function createViewPlan(versions: readonly CompiledView[], fieldNames: readonly string[]): ViewPlan {
  const current = versions.at(-1)!;
  const plans = new Map(versions.map((view) => [view.version, planVersion(view, current)]));
  const newest = plans.get(current.version)!;
  return {
    current,
    fields: new Map(fieldNames.map((name, index) => [name, index])),
    version(version) {
      if (version === null || version === undefined) return newest;
      const plan = plans.get(version);
      if (plan !== undefined) return plan;
      throw new AsofError('UNKNOWN_NAME', `view '${current.name}' has no version ${version} that can be served`, {
        path: `views.${current.name}`,
        expected: `one of ${[...plans.keys()].join(', ')}`,
        got: String(version),
      });
    },
  };
}

function planVersion(view: CompiledView, current: CompiledView): VersionPlan {
  const indexes = new Map(view.features.map((feature, index) => [feature.name, index]));
  const kept = new Map<string, AskedFeatures>();
  return {
    view,
    features: current.features.map(({ name, type }) => findFeature(name, graphqlTypeOf(type))),
    interned(given) {
      const text = String(given.features);
      const same = kept.get(text);
      if (same !== undefined) return same;
      if (kept.size < mostInterned) kept.set(text, given);
      return given;
    },
  };

  function findFeature(name: string, type: string): number | AsofError {
    const index = indexes.get(name);
    const path = `views.${view.name}.features.${name}`;
    if (index === undefined) {
      return new AsofError('UNKNOWN_NAME', `version ${view.version} of this view has no such feature`, {
        path,
        remedy: 'Leave it out of the selection, or read the current version.',
      });
    }
    const own = graphqlTypeOf(view.features[index]!.type);
    if (own === type) return index;
    return new AsofError('BAD_INPUT', `version ${view.version} of this feature has another type`, {
      path,
      expected: type,
      got: own,
      remedy: 'Read this version through a feature service.',
    });
  }
}

const asked = new WeakMap<SelectedFields, Map<VersionPlan, AskedFeatures>>();

/** Only the selected features, or all of them when the status of every cell is selected. */
export function askedFeatures(plan: ViewPlan, version: VersionPlan, selected: SelectedFields): AskedFeatures {
  const versions = asked.get(selected) ?? new Map<VersionPlan, AskedFeatures>();
  asked.set(selected, versions);
  const before = versions.get(version);
  if (before !== undefined) return before;
  const found = version.interned(selectsCells(selected) ? everything(version) : chosen(plan, version, selected));
  versions.set(version, found);
  return found;
}

function everything(version: VersionPlan): AskedFeatures {
  return { features: undefined, positions: version.features.map((index) => (typeof index === 'number' ? index : -1)) };
}

function chosen(plan: ViewPlan, version: VersionPlan, selected: SelectedFields): AskedFeatures {
  const features: number[] = [];
  const positions = version.features.map(() => -1);
  for (const [field, place] of plan.fields) {
    const index = version.features[place];
    if (!selected.has(field) || typeof index !== 'number') continue;
    positions[place] = features.length;
    features.push(index);
  }
  return { features, positions };
}

function selectsCells(selected: SelectedFields): boolean {
  const meta = selected.get('meta') ?? [];
  // A fragment below `meta` counts as if it selected the cells: at worst more is read than needed.
  return meta.some(({ selectionSet }) =>
    selectionSet?.selections.some((one) => one.kind !== 'Field' || one.name.value === 'cells'),
  );
}

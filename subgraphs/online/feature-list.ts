import type { CompiledService } from '../../core/definitions/compiled.ts';
import type { ViewReference } from '../../core/definitions/model.ts';
import type { CompiledRegistry } from '../../core/definitions/registry-view.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import { nearest } from '../../core/errors/nearest.ts';
import { compileService } from '../../core/registry/compile-service.ts';
import { unknownName } from './names.ts';

/** Where a feature's value is in what was read of a service. */
export type FeaturePlace =
  | { readonly kind: 'member'; readonly member: number; readonly position: number }
  | { readonly kind: 'onDemand'; readonly view: number; readonly position: number };

/** Features as somebody asks for them. */
export interface FeatureList {
  readonly service: CompiledService;
  /** For messages. */
  readonly label: string;
  /** In the order in which they were asked for, each once. */
  readonly columns: readonly FeatureColumn[];
}

export interface FeatureColumn {
  /** As it was asked for. */
  readonly name: string;
  /** The view, or its alias in a service. */
  readonly view: string;
  readonly feature: string;
  readonly place: FeaturePlace;
}

/** Lists that are known by their names; clients ask for the same ones again and again. */
const mostLists = 1_000;
/** Of one that is remembered, in characters. */
const longestList = 32_768;
const listsOf = new WeakMap<CompiledRegistry, Map<string, FeatureList>>();

/**
 * The features of these names: `view:feature`, or `feature` where one view alone has it. They are read like a service
 * that has them all. UNKNOWN_NAME for a view or feature that is not there, BAD_INPUT for a name that several views have,
 * or none at all.
 */
export function featuresNamed(registry: CompiledRegistry, names: readonly string[]): FeatureList {
  let known = listsOf.get(registry);
  if (known === undefined) {
    known = new Map();
    listsOf.set(registry, known);
  }
  const text = names.join('\n');
  const found = known.get(text);
  if (found !== undefined) return found;
  const list = compileList(registry, names);
  if (text.length > longestList) return list;
  if (known.size >= mostLists) known.delete(known.keys().next().value!);
  known.set(text, list);
  return list;
}

const listsOfServices = new WeakMap<CompiledService, FeatureList>();

/** All features of a service, as `alias:feature`. */
export function featuresOfService(service: CompiledService): FeatureList {
  const known = listsOfServices.get(service);
  if (known !== undefined) return known;
  const columns = placesOf(service).map(({ view, feature, place }) => ({
    name: `${view}:${feature}`,
    view,
    feature,
    place,
  }));
  const list = { service, label: `${service.name} version ${service.version}`, columns };
  listsOfServices.set(service, list);
  return list;
}

function compileList(registry: CompiledRegistry, names: readonly string[]): FeatureList {
  if (names.length === 0) {
    throw new AsofError('BAD_INPUT', 'no features are named', {
      path: 'feature_names',
      expected: '`view:feature`, at least one, or a feature service',
      got: 'none',
    });
  }
  const label = 'the features asked for';
  const asked = [...new Set(names)].map((name) => ({ name, ...featureOf(registry, name) }));
  const featuresByView = new Map<string, string[]>();
  for (const { view, feature } of asked) {
    featuresByView.set(view, [...(featuresByView.get(view) ?? []), feature]);
  }
  const features = [...featuresByView].map(([view, chosen]): ViewReference => ({ view, features: chosen }));
  const service = compileService({ name: label, version: 1, features }, registeredReferences(registry));
  const places = placesOf(service);
  const columns = asked.map(({ name, view, feature }) => {
    const found = places.find((place) => place.view === view && place.feature === feature)!;
    return { name, view, feature, place: found.place };
  });
  return { service, label, columns };
}

function placesOf({ members, onDemand }: CompiledService) {
  return [
    ...members.flatMap(({ alias, view, features }, member) =>
      features.map((feature, position) => ({
        view: alias,
        feature: view.features[feature]!.name,
        place: { kind: 'member', member, position } as const,
      })),
    ),
    ...onDemand.flatMap(({ view, features }, index) =>
      features.map((feature, position) => ({
        view: view.name,
        feature: view.features[feature]!.name,
        place: { kind: 'onDemand', view: index, position } as const,
      })),
    ),
  ];
}

function featureOf(registry: CompiledRegistry, name: string): { readonly view: string; readonly feature: string } {
  const path = `feature_names.${name.slice(0, 200)}`;
  const [first = '', feature, ...rest] = name.split(':');
  if (feature === undefined) return uniqueFeature(registry, name, path);
  const features = featuresByView(registry).get(first);
  if (features === undefined) throw unknownName('view', first, featuresByView(registry).keys(), path);
  const whole = [feature, ...rest].join(':');
  if (!features.includes(whole)) throw unknownName(`feature of ${first}`, whole, features, path);
  return { view: first, feature: whole };
}

function uniqueFeature(registry: CompiledRegistry, feature: string, path: string) {
  const views = [...featuresByView(registry)].filter(([, features]) => features.includes(feature));
  if (views.length === 1) return { view: views[0]![0], feature };
  if (views.length > 1) {
    throw new AsofError('BAD_INPUT', `several views have a feature '${feature}'`, {
      path,
      expected: views.map(([view]) => `${view}:${feature}`).join(' or '),
      got: `'${feature}'`,
    });
  }
  const all = [...featuresByView(registry)].flatMap(([view, features]) => features.map((one) => `${view}:${one}`));
  const close = nearest(
    feature,
    all.map((one) => one.split(':')[1]!),
  );
  const full = all.filter((one) => one.endsWith(`:${close}`));
  throw new AsofError('UNKNOWN_NAME', `there is no feature '${feature}'`, {
    path,
    expected: '`view:feature`, or `feature` where one view alone has it',
    got: `'${feature}'`,
    ...(close !== null && { remedy: `Did you mean '${full.join("' or '")}'?` }),
  });
}

const viewsOf = new WeakMap<CompiledRegistry, ReadonlyMap<string, readonly string[]>>();

/** What can be asked for: views that are served online, and on-demand views. */
function featuresByView(registry: CompiledRegistry): ReadonlyMap<string, readonly string[]> {
  const known = viewsOf.get(registry);
  if (known !== undefined) return known;
  const online = [...registry.views.values()].map((versions) => versions.at(-1)!).filter((view) => view.online);
  const named = [...online, ...registry.onDemandViews.values()];
  const views = new Map(named.map(({ name, features }) => [name, features.map((feature) => feature.name)]));
  viewsOf.set(registry, views);
  return views;
}

/** What references name among what is registered now. */
function registeredReferences(registry: CompiledRegistry): Parameters<typeof compileService>[1] {
  return {
    view({ view: name, version }) {
      const versions = registry.views.get(name) ?? [];
      const found = version === undefined ? versions.at(-1) : versions.find((one) => one.version === version);
      if (found === undefined) throw unknownName('view', name, registry.views.keys());
      return found;
    },
    onDemandView: ({ view }) => registry.onDemandViews.get(view) ?? null,
  };
}

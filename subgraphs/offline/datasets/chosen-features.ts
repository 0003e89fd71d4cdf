import type { CompiledService, CompiledView, ServiceMember } from '../../../core/definitions/compiled.ts';
import type { CompiledRegistry } from '../../../core/definitions/registry-view.ts';
import { AsofError } from '../../../core/errors/asof-error.ts';
import { nearest } from '../../../core/errors/nearest.ts';
import { type RequestInput, requestInputsOf } from '../../../core/on-demand/request-input.ts';
import type { Field } from '../../../core/values/types.ts';

/** What a dataset joins: the members of a service, or views chosen feature by feature. */
export interface ChosenFeatures {
  /** null when features were named one by one. */
  readonly service: CompiledService | null;
  readonly members: readonly ServiceMember[];
  /** Columns the spine must bring, with their types: join keys, and what request-time features are computed with. */
  readonly joinColumns: readonly Field[];
  readonly requestInputs: readonly RequestInput[];
  /** `view:feature`, by alias, request-time features last. */
  readonly names: readonly string[];
}

export interface FeatureChoice {
  readonly service?: string | null | undefined;
  readonly serviceVersion?: number | null | undefined;
  readonly features?: readonly string[] | null | undefined;
}

/** @throws AsofError BAD_INPUT unless exactly one is given, UNKNOWN_NAME for what the registry does not have */
export function chooseFeatures(registry: CompiledRegistry, choice: FeatureChoice): ChosenFeatures {
  const { service, features } = choice;
  if (typeof service === 'string' && !features) return ofService(findService(registry, service, choice.serviceVersion));
  if (features && typeof service !== 'string') return ofFeatures(registry, features);
  throw new AsofError('BAD_INPUT', 'what to join is not clear', {
    path: 'input.service',
    expected: 'exactly one of service and features',
    got: service && features ? 'both' : 'neither',
  });
}

function ofService(service: CompiledService): ChosenFeatures {
  const onDemand = service.onDemand.flatMap(({ view, features }) =>
    features.map((index) => `${view.name}:${view.features[index]!.name}`),
  );
  return {
    service,
    members: service.members,
    joinColumns: service.joinColumns,
    requestInputs: requestInputsOf(service),
    names: [...memberNames(service.members), ...onDemand],
  };
}

function ofFeatures(registry: CompiledRegistry, names: readonly string[]): ChosenFeatures {
  const chosen = new Map<CompiledView, Set<number>>();
  for (const [position, name] of names.entries()) {
    const path = `input.features.${position}`;
    const separator = name.indexOf(':');
    const viewName = separator < 0 ? name : name.slice(0, separator);
    const view = registry.views.get(viewName)?.at(-1);
    if (view === undefined) throw unknown(path, 'feature view', viewName, registry.views.keys());
    const indexes = chosen.get(view) ?? new Set();
    chosen.set(view, indexes);
    if (separator < 0) for (const index of view.features.keys()) indexes.add(index);
    else indexes.add(featureIndex(view, name.slice(separator + 1), path));
  }
  if (chosen.size === 0) {
    throw new AsofError('BAD_INPUT', 'there is nothing to join', { path: 'input.features', expected: 'a feature' });
  }
  const members = [...chosen].map(
    ([view, indexes]): ServiceMember => ({
      alias: view.name,
      view,
      joinColumns: view.key.map(({ name }) => name),
      features: [...indexes].sort((a, b) => a - b),
      maxAgeMillis: null,
    }),
  );
  return {
    service: null,
    members,
    joinColumns: joinFields(members),
    requestInputs: [],
    names: memberNames(members),
  };
}

function joinFields(members: readonly ServiceMember[]): Field[] {
  const fields = new Map<string, Field>();
  for (const { view } of members) for (const { name, type } of view.key) fields.set(name, { name, type });
  return [...fields.values()];
}

function memberNames(members: readonly ServiceMember[]): string[] {
  return members.flatMap(({ alias, view, features }) =>
    features.map((index) => `${alias}:${view.features[index]!.name}`),
  );
}

function featureIndex(view: CompiledView, name: string, path: string): number {
  const index = view.features.findIndex((feature) => feature.name === name);
  if (index >= 0) return index;
  throw unknown(
    path,
    `feature of "${view.name}"`,
    name,
    view.features.map((feature) => feature.name),
  );
}

function findService(registry: CompiledRegistry, name: string, version: number | null | undefined): CompiledService {
  const versions = registry.services.get(name);
  if (versions === undefined) throw unknown('input.service', 'feature service', name, registry.services.keys());
  const found = version == null ? versions.at(-1) : versions.find((service) => service.version === version);
  if (found !== undefined) return found;
  throw new AsofError('UNKNOWN_NAME', `the service "${name}" has no version ${version}`, {
    path: 'input.serviceVersion',
    expected: `one of ${versions.map((service) => service.version).join(', ')}`,
    got: String(version),
  });
}

function unknown(path: string, kind: string, name: string, candidates: Iterable<string>): AsofError {
  const closest = nearest(name, candidates);
  return new AsofError('UNKNOWN_NAME', `there is no ${kind} "${name}"`, {
    path,
    ...(closest === null ? {} : { remedy: `Did you mean "${closest}"?` }),
  });
}

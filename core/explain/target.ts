import type {
  CompiledOnDemandView,
  CompiledService,
  CompiledView,
  OnDemandInput,
  ServiceMember,
} from '../definitions/compiled.ts';
import type { CompiledRegistry } from '../definitions/registry-view.ts';
import { AsofError } from '../errors/asof-error.ts';
import { nearest } from '../errors/nearest.ts';
import { parseDuration } from '../time/duration.ts';

/** Which feature is meant. */
export interface FeatureChoice {
  /** `view.feature` or `view:feature`; with a service the view by its alias there. */
  readonly feature: string;
  readonly service?: string | null | undefined;
  /** Of the service, or else of the view; default the newest. */
  readonly version?: number | null | undefined;
}

/** The one feature of a service that is asked for: `service` has nothing else to answer. */
export interface ExplainTarget {
  /** `view.feature`. */
  readonly name: string;
  readonly service: CompiledService;
  /** What may be given beside what this feature needs: all that its service (or its view) takes. */
  readonly accepts: Pick<CompiledService, 'joinColumns' | 'requestInputs'>;
}

/** @throws AsofError UNKNOWN_NAME with the nearest name there is, BAD_INPUT for what is no name of a feature */
export function findTarget(registry: CompiledRegistry, choice: FeatureChoice): ExplainTarget {
  const [, alias, feature] = /^([^.:]+)[.:](.+)$/.exec(choice.feature) ?? [];
  if (alias === undefined || feature === undefined) throw noFeatureName(registry, choice.feature);
  const { service: serviceName, version = null } = choice;
  const from = serviceName == null ? null : findService(registry, serviceName, version);
  const whole = from === null ? ofView(registry, alias, version) : ofService(from, alias);
  return { name: `${alias}.${feature}`, service: chosen(whole, alias, feature), accepts: from ?? inputsOf(whole) };
}

/** A service of one member or one request-time view, with all of its features. */
type WholeService = Pick<CompiledService, 'name' | 'version' | 'definition' | 'members' | 'onDemand'>;

function ofService(service: CompiledService, alias: string): WholeService {
  const members = service.members.filter((member) => member.alias === alias);
  const onDemand = service.onDemand.filter(({ view }) => view.name === alias);
  if (members.length + onDemand.length > 0) return { ...service, members, onDemand };
  const aliases = [...service.members.map((member) => member.alias), ...service.onDemand.map(({ view }) => view.name)];
  throw unknown(`view "${alias}" in the service "${service.name}"`, alias, aliases);
}

function ofView(registry: CompiledRegistry, name: string, version: number | null): WholeService {
  const versions = registry.views.get(name) ?? registry.retiredViews.get(name);
  const onDemand = registry.onDemandViews.get(name);
  if (versions !== undefined) {
    const view = versionOf(`view "${name}"`, versions, version);
    return aloneAs(view, [wholeMember(view)], []);
  }
  if (onDemand === undefined) {
    throw unknown(`view "${name}"`, name, [...registry.views.keys(), ...registry.onDemandViews.keys()]);
  }
  const view = versionOf(`view "${name}"`, [onDemand], version);
  const features = view.features.map((_, index) => index);
  return aloneAs(view, [], [{ view, features, reads: readsOf(view, registry) }]);
}

function aloneAs(
  { name, version }: { readonly name: string; readonly version: number },
  members: CompiledService['members'],
  onDemand: CompiledService['onDemand'],
): WholeService {
  return { name, version, definition: { name, version, features: [{ view: name }] }, members, onDemand };
}

function wholeMember(view: CompiledView): ServiceMember {
  return {
    alias: view.name,
    view,
    joinColumns: view.key.map(({ name }) => name),
    features: view.features.map((_, index) => index),
    maxAgeMillis: null,
  };
}

/** What a request-time view reads when no service says how it is joined: each view on the columns that `from` names. */
function readsOf(view: CompiledOnDemandView, registry: CompiledRegistry): CompiledService['onDemand'][number]['reads'] {
  return view.inputs.map((input) => {
    if (input.kind === 'request') return null;
    const reference = view.from.find(({ view: name, alias = name }) => alias === input.view);
    const name = reference?.view ?? input.view;
    const versions = registry.views.get(name) ?? registry.retiredViews.get(name) ?? [];
    const read = versions.findLast(
      ({ version, features }) =>
        version === (reference?.version ?? version) && features.some((feature) => feature.name === input.feature),
    );
    if (read === undefined) throw new AsofError('INTERNAL', `${view.name} reads ${name}, which is not there`);
    const tightened = reference?.maxAge === undefined ? null : parseDuration(reference.maxAge);
    const member: ServiceMember = {
      ...wholeMember(read),
      alias: input.view,
      joinColumns: read.key.map((part) => reference?.joinOn?.[part.name] ?? part.name),
      features: [read.features.findIndex((feature) => feature.name === input.feature)],
      maxAgeMillis: read.kind === 'rows' ? tightened : null,
    };
    return { member, feature: 0 };
  });
}

/** The service with this feature alone, and what must be given for it. */
function chosen(service: WholeService, alias: string, feature: string): CompiledService {
  const pick = (features: readonly number[], of: readonly { readonly name: string }[]): readonly number[] => {
    const found = features.find((index) => of[index]!.name === feature);
    if (found !== undefined) return [found];
    const names = features.map((index) => of[index]!.name);
    throw unknown(`feature "${feature}" in "${alias}"`, feature, names);
  };
  const members = service.members.map((member) => ({
    ...member,
    features: pick(member.features, member.view.features),
  }));
  const onDemand = service.onDemand.map(({ view, features: all, reads }) => {
    const features = pick(all, view.features);
    const { uses } = view.features[features[0]!]!;
    return { view, features, reads: reads.map((read, input) => (uses.includes(input) ? read : null)) };
  });
  const { joinColumns, requestInputs } = inputsOf({ ...service, members, onDemand });
  const isUsed = (name: string): boolean =>
    onDemand.some(({ view, features: [index] }) =>
      view.features[index!]!.uses.some((input) => isRequest(view.inputs[input]!, name)),
    );
  return { ...service, members, onDemand, joinColumns, requestInputs: requestInputs.filter((one) => isUsed(one.name)) };
}

function isRequest(input: OnDemandInput, name: string): boolean {
  return input.kind === 'request' && input.name === name;
}

/** The join columns that its members are read by, and the request inputs of its views. */
function inputsOf({ members, onDemand }: WholeService): ExplainTarget['accepts'] {
  const read = onDemand.flatMap(({ reads }) => reads.flatMap((one) => one?.member ?? []));
  const joinColumns = [...members, ...read].flatMap(({ view, joinColumns: names }) =>
    names.map((name, part) => ({ name, type: view.key[part]!.type })),
  );
  return {
    joinColumns: [...new Map(joinColumns.map((field) => [field.name, field])).values()],
    requestInputs: onDemand.flatMap(({ view }) => view.request),
  };
}

function findService(registry: CompiledRegistry, name: string, version: number | null): CompiledService {
  const versions = registry.services.get(name);
  if (versions === undefined) throw unknown(`service "${name}"`, name, registry.services.keys(), 'service');
  return versionOf(`service "${name}"`, versions, version);
}

function versionOf<V extends { readonly version: number }>(
  what: string,
  versions: readonly V[],
  version: number | null,
): V {
  const found = version === null ? versions.at(-1) : versions.find((one) => one.version === version);
  if (found !== undefined) return found;
  throw new AsofError('UNKNOWN_NAME', `the ${what} has no version ${version}`, {
    path: 'version',
    expected: `one of ${versions.map((one) => one.version).join(', ')}`,
    got: String(version),
  });
}

function noFeatureName(registry: CompiledRegistry, name: string): AsofError {
  const view = registry.views.get(name)?.at(-1) ?? registry.onDemandViews.get(name);
  const features = view?.features.map((feature) => `${name}.${feature.name}`) ?? [];
  return new AsofError('BAD_INPUT', 'one feature is explained at a time', {
    path: 'feature',
    expected: features.length === 0 ? 'view.feature' : `one of ${listed(features)}`,
    got: JSON.stringify(name),
  });
}

/** @param what as in: there is no `view "dealys"` */
function unknown(what: string, name: string, known: Iterable<string>, path = 'feature'): AsofError {
  const names = [...known];
  const closest = nearest(name, names);
  return new AsofError('UNKNOWN_NAME', `there is no ${what}`, {
    path,
    expected: names.length === 0 ? 'one, but there is none' : `one of ${listed(names)}`,
    got: JSON.stringify(name),
    ...(closest === null ? {} : { remedy: `Did you mean "${closest}"?` }),
  });
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 20).join(', ');
  return names.length > 20 ? `${shown} and ${names.length - 20} more` : shown;
}

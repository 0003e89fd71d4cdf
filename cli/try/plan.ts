import type { CompiledService, CompiledView, ServiceMember } from '../../core/definitions/compiled.ts';
import type { Definitions, OnDemandViewDefinition, ViewReference } from '../../core/definitions/model.ts';
import type { CompiledRegistry } from '../../core/definitions/registry-view.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { RequestInput } from '../../core/on-demand/request-input.ts';
import { parseDuration } from '../../core/time/duration.ts';
import { columnOf, type InputRow } from './input-row.ts';

/** Everything that is evaluated, for each spine row. */
export interface TryPlan {
  readonly registry: CompiledRegistry;
  /** Every view under its own name, then those that services or on-demand views use under another alias. */
  readonly members: readonly ServiceMember[];
  /** What is read: the members, then what on-demand views read otherwise than the member of that name. */
  readonly reads: readonly ServiceMember[];
  /** Each on-demand view as a service of its own, with the members it reads and the inputs it takes from the spine. */
  readonly onDemand: readonly { readonly service: CompiledService; readonly inputs: readonly RequestInput[] }[];
  /** Columns of the spine that have a meaning: join keys and request inputs, each name once. */
  readonly inputs: readonly string[];
}

/**
 * A view that a service uses under its own name is read as that service reads it (its `joinOn`, its `maxAge`), where the
 * spine has the columns for it.
 *
 * @param registry of these definitions
 */
export function planTry(registry: CompiledRegistry, definitions: Definitions, spine: readonly InputRow[]): TryPlan {
  const hasColumn = (name: string) => spine.some((row) => columnOf(row, name) !== undefined);
  const members = new Map<string, ServiceMember>();
  for (const versions of registry.views.values()) {
    const view = versions.at(-1)!;
    members.set(view.name, wholeView(view));
  }
  const served = [...registry.services.values()].flatMap((versions) => versions.at(-1)!.members);
  const settled = new Set<string>();
  for (const { alias, view, joinColumns, maxAgeMillis } of served) {
    if (settled.has(alias) || (members.has(alias) && !joinColumns.every(hasColumn))) continue;
    settled.add(alias);
    members.set(alias, { ...wholeView(view), alias, joinColumns, maxAgeMillis });
  }
  const unseen: ServiceMember[] = [];
  const onDemand = definitions.onDemandViews.map((view) => {
    const service = serviceOf(view, registry, { members, unseen });
    return { service, inputs: service.requestInputs.map((input) => ({ ...input, user: view.name })) };
  });
  const reads = [...members.values(), ...unseen];
  const joinKeys = reads.flatMap(({ joinColumns }) => joinColumns);
  const requestInputs = onDemand.flatMap(({ inputs }) => inputs.map(({ name }) => name));
  const inputs = [...new Set([...joinKeys, ...requestInputs])];
  return { registry, members: [...members.values()], reads, onDemand, inputs };
}

function wholeView(view: CompiledView): ServiceMember {
  return {
    alias: view.name,
    view,
    joinColumns: view.key.map(({ name }) => name),
    features: view.features.map((_, index) => index),
    maxAgeMillis: view.maxAgeMillis,
  };
}

interface Members {
  readonly members: Map<string, ServiceMember>;
  readonly unseen: ServiceMember[];
}

/** A service of one on-demand view and what it reads. Aliases that it declares itself join the members. */
function serviceOf(definition: OnDemandViewDefinition, registry: CompiledRegistry, known: Members): CompiledService {
  const view = registry.onDemandViews.get(definition.name);
  if (view === undefined) throw new AsofError('INTERNAL', `${definition.name} was not compiled`);
  const sources = new Map<string, ServiceMember>();
  for (const reference of definition.from) {
    const versions = registry.views.get(reference.view);
    if (versions === undefined) throw new AsofError('INTERNAL', `${reference.view} was not compiled`);
    const { alias = reference.view } = reference;
    sources.set(alias, memberFor({ ...reference, alias }, versions.at(-1)!, { ...known, reader: view.name }));
  }
  const reads = view.inputs.map((input) => {
    if (input.kind === 'request') return null;
    const member = sources.get(input.view);
    const feature = member?.view.features.findIndex(({ name }) => name === input.feature) ?? -1;
    if (member === undefined || feature === -1) {
      throw new AsofError('INTERNAL', `${definition.name} reads ${input.view}.${input.feature}, which is not there`);
    }
    return { member, feature };
  });
  const used = [...new Set(reads.flatMap((read) => (read === null ? [] : [read.member])))];
  return {
    name: definition.name,
    version: 1,
    definition: { name: definition.name, version: 1, features: [{ view: definition.name }] },
    members: used,
    onDemand: [{ view, features: view.features.map((_, index) => index), reads }],
    joinColumns: [],
    requestInputs: view.request,
  };
}

/** The member of the reference's alias if it is read alike, else one more; joined as that member, unless it says how. */
function memberFor(
  { alias, joinOn, maxAge }: ViewReference & { readonly alias: string },
  view: CompiledView,
  { members, unseen, reader }: Members & { readonly reader: string },
): ServiceMember {
  const named = members.get(alias);
  const like = named?.view === view ? named : members.get(view.name);
  const ownMaxAge = view.maxAgeMillis ?? Number.POSITIVE_INFINITY;
  const wanted: ServiceMember = {
    ...wholeView(view),
    alias,
    joinColumns: view.key.map(({ name }, part) =>
      joinOn === undefined ? (like?.joinColumns[part] ?? name) : (joinOn[name] ?? name),
    ),
    maxAgeMillis: maxAge === undefined ? view.maxAgeMillis : Math.min(parseDuration(maxAge), ownMaxAge),
  };
  if (named === undefined) {
    members.set(alias, wanted);
    return wanted;
  }
  if (isSameRead(named, wanted)) return named;
  unseen.push({ ...wanted, alias: `${reader}.${alias}` });
  return unseen.at(-1)!;
}

function isSameRead(a: ServiceMember, b: ServiceMember): boolean {
  return a.view === b.view && a.maxAgeMillis === b.maxAgeMillis && a.joinColumns.join() === b.joinColumns.join();
}

import type { CompiledService, CompiledView, ServiceMember } from '../../core/definitions/compiled.ts';
import type { Definitions, OnDemandViewDefinition } from '../../core/definitions/model.ts';
import type { CompiledRegistry } from '../../core/definitions/registry-view.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import { compileDefinitions } from '../../core/registry/compile.ts';
import type { Field } from '../../core/values/types.ts';

/** Everything that is evaluated, for each spine row. */
export interface TryPlan {
  readonly registry: CompiledRegistry;
  /** Every view under its own name, then those that services or on-demand views use under another alias. */
  readonly members: readonly ServiceMember[];
  /** One for each on-demand view, with the members it reads. */
  readonly onDemand: readonly CompiledService[];
  /** Columns of the spine that have a meaning: join keys and request inputs, each name once. */
  readonly inputs: readonly Field[];
}

/** @throws AsofError BAD_DEFINITION for definitions that do not compile */
export function planTry(definitions: Definitions): TryPlan {
  const registry = compileDefinitions(definitions);
  const members = new Map<string, ServiceMember>();
  for (const versions of registry.views.values()) {
    const view = versions.at(-1)!;
    members.set(view.name, wholeView(view));
  }
  for (const services of registry.services.values()) {
    for (const member of services.at(-1)!.members) {
      if (!members.has(member.alias))
        members.set(member.alias, { ...member, features: wholeView(member.view).features });
    }
  }
  const onDemand = definitions.onDemandViews.map((view) => serviceOf(view, registry, members));
  const inputs = new Map<string, Field>();
  for (const { view, joinColumns } of members.values()) {
    for (const [part, name] of joinColumns.entries()) inputs.set(name, { name, type: view.key[part]!.type });
  }
  for (const { requestInputs } of onDemand) for (const input of requestInputs) inputs.set(input.name, input);
  return { registry, members: [...members.values()], onDemand, inputs: [...inputs.values()] };
}

function wholeView(view: CompiledView): ServiceMember {
  return {
    alias: view.name,
    view,
    joinColumns: view.key.map(({ name }) => name),
    features: view.features.map((_, index) => index),
    maxAgeMillis: null,
  };
}

/** A service of one on-demand view and what it reads. Aliases that it declares itself join `members`. */
function serviceOf(
  definition: OnDemandViewDefinition,
  registry: CompiledRegistry,
  members: Map<string, ServiceMember>,
): CompiledService {
  const view = registry.onDemandViews.get(definition.name);
  if (view === undefined) throw new AsofError('INTERNAL', `${definition.name} was not compiled`);
  for (const { view: name, alias = name, joinOn } of definition.from) {
    const whole = members.get(name);
    if (whole === undefined || members.has(alias)) continue;
    const joinColumns = whole.view.key.map((part) => joinOn?.[part.name] ?? part.name);
    members.set(alias, { ...whole, alias, joinColumns });
  }
  const reads = view.inputs.map((input) => {
    if (input.kind === 'request') return null;
    const member = members.get(input.view);
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

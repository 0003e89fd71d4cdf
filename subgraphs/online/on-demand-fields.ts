import type { OnDemandPlace } from '../../codegen/entity-types.ts';
import type { CompiledOnDemandView, CompiledService, ServiceMember } from '../../core/definitions/compiled.ts';
import type { DataClock } from '../../core/ports/clocks.ts';
import { parseValue } from '../../core/values/parse.ts';
import type { Value } from '../../core/values/types.ts';
import { computeOnDemand, readMembers } from './on-demand.ts';
import { type EntityRow, type Resolver, type Resolvers, type ViewValues, valueResolvers } from './view-values.ts';

/** A request-time view as a field of its entity: its inputs are arguments, the views it reads join the same read. */
export function onDemandField(
  { view, reads }: OnDemandPlace,
  inputNames: readonly string[],
  clock: DataClock,
): Resolver<EntityRow> {
  const service = serviceOf(view, reads);
  const members = readMembers(service);
  const positions = view.features.map((_, index) => index);
  return async ({ key, reads: requestReads }, args): Promise<ViewValues> => {
    const inputs = view.request.map(({ name, type }, index): [string, Value] => {
      const argument = inputNames[index]!;
      return [name, parseValue(type, args[argument], `${view.name}.${argument}`)];
    });
    const readings = await Promise.all(
      members.map(({ view: read, features }) => requestReads.load({ view: read, key, features })),
    );
    const paired = readings.map((reading, index) => ({ member: members[index]!, reading }));
    const [computed] = computeOnDemand(service, paired, new Map(inputs));
    const eventTimes = readings.map(({ eventTime }) => eventTime);
    const meta = {
      status: readings.find(({ status }) => status === 'NOT_READY')?.status ?? 'PRESENT',
      // As old as the oldest reading it was computed from.
      eventTime: eventTimes.reduce((a, b) => (a === null || b === null ? null : Math.min(a, b)), eventTimes[0] ?? null),
      readAt: readings[0]?.readAt ?? clock.readInstant(),
      version: view.version,
      features: view.features,
      statuses: computed!.statuses,
      defaulted: computed!.defaulted,
      view: null,
    } as const;
    return { meta, positions, values: computed!.values, version: null };
  };
}

/** The fields of a request-time view's value type. */
export function onDemandTypeResolvers(
  view: CompiledOnDemandView,
  fieldNames: readonly string[],
): Resolvers<ViewValues> {
  return valueResolvers(fieldNames, view.features);
}

/** The view alone as a service, since services are what request-time features are computed for. */
function serviceOf(view: CompiledOnDemandView, reads: OnDemandPlace['reads']): CompiledService {
  const members = reads.map((read): ServiceMember => {
    const taken = view.inputs.flatMap((input) =>
      input.kind === 'feature' && input.view === read.name ? input.feature : [],
    );
    const features = read.features.flatMap(({ name }, index) => (taken.includes(name) ? index : []));
    const joinColumns = read.key.map(({ name }) => name);
    return { alias: read.name, view: read, joinColumns, features, maxAgeMillis: null };
  });
  return {
    name: view.name,
    version: view.version,
    definition: { name: view.name, version: view.version, features: [{ view: view.name }] },
    members,
    onDemand: [
      {
        view,
        features: view.features.map((_, index) => index),
        reads: view.inputs.map((input) => {
          if (input.kind === 'request') return null;
          const member = members.find(({ alias }) => alias === input.view)!;
          return { member, feature: member.view.features.findIndex(({ name }) => name === input.feature) };
        }),
      },
    ],
    joinColumns: [],
    requestInputs: view.request,
  };
}

import type { OnDemandPlace, OnDemandRead } from '../../codegen/entity-types.ts';
import type {
  CompiledOnDemandView,
  CompiledService,
  ServiceMember,
  ViewReading,
} from '../../core/definitions/compiled.ts';
import { evaluateOnDemand, membersToRead } from '../../core/on-demand/evaluate.ts';
import { parseRequestInput } from '../../core/on-demand/request-input.ts';
import type { DataClock, SystemClock } from '../../core/ports/clocks.ts';
import { parseDuration } from '../../core/time/duration.ts';
import type { OnlineLimits } from './deps.ts';
import { requestBudget } from './request-budget.ts';
import {
  type EntityRow,
  type Resolver,
  type Resolvers,
  tightenedMaxAge,
  type ViewValues,
  valueResolvers,
} from './view-values.ts';

interface OnDemandDeps {
  readonly clock: DataClock;
  readonly systemClock: SystemClock;
  readonly limits: OnlineLimits;
}

/** A request-time view as a field of its entity: its inputs are arguments, the views it reads join the same read. */
export function onDemandField(
  { view, reads }: OnDemandPlace,
  inputNames: readonly string[],
  deps: OnDemandDeps,
): Resolver<EntityRow> {
  const service = serviceOf(view, reads);
  const members = membersToRead(service);
  const inputs = view.request.map((input) => ({ ...input, user: view.name }));
  const positions = view.features.map((_, index) => index);
  const origin = { features: view.features, view: null, plan: null };
  return async ({ key, reads: requestReads }, args, context): Promise<ViewValues> => {
    const request = inputs.map((input, index) => {
      const argument = inputNames[index]!;
      return parseRequestInput(input, args[argument], `${view.name}.${argument}`);
    });
    const readings = await Promise.all(
      members.map(({ view: read, features, maxAgeMillis }) =>
        // A view without a key may stand beside those of the entity.
        requestReads.load({ view: read, key: read.key.length === 0 ? [] : key, features, maxAgeMillis }),
      ),
    );
    const budget = requestBudget(context, deps);
    const [computed] = budget.compute(view.name, () => evaluateOnDemand(service, readings, request));
    const eventTimes = readings.map(({ eventTime }) => eventTime);
    const reading: ViewReading = {
      status: readings.find(({ status }) => status === 'NOT_READY')?.status ?? 'PRESENT',
      // As old as the oldest reading it was computed from.
      eventTime: eventTimes.reduce((a, b) => (a === null || b === null ? null : Math.min(a, b)), eventTimes[0] ?? null),
      readAt: readings[0]?.readAt ?? deps.clock.readInstant(),
      version: view.version,
      values: computed!.values,
      statuses: computed!.statuses,
      defaulted: computed!.defaulted,
    };
    return { reading, positions, origin };
  };
}

/** The fields of a request-time view's value type. */
export function onDemandTypeResolvers(
  view: CompiledOnDemandView,
  fieldNames: readonly string[],
): Resolvers<ViewValues> {
  return valueResolvers(fieldNames, view.features);
}

/** What `onDemandField` reads. */
export function onDemandReads({ view, reads }: OnDemandPlace): Pick<ServiceMember, 'view' | 'maxAgeMillis'>[] {
  return reads.map((read) => memberOf(view, read));
}

/** The view alone as a service, since services are what request-time features are computed for. */
function serviceOf(view: CompiledOnDemandView, reads: OnDemandPlace['reads']): CompiledService {
  const members = new Map(reads.map((read) => [read.alias, memberOf(view, read)]));
  return {
    name: view.name,
    version: view.version,
    definition: { name: view.name, version: view.version, features: [{ view: view.name }] },
    members: [...members.values()],
    onDemand: [
      {
        view,
        features: view.features.map((_, index) => index),
        reads: view.inputs.map((input) => {
          const member = input.kind === 'request' ? undefined : members.get(input.view);
          if (input.kind === 'request' || member === undefined) return null;
          const feature = member.features.findIndex((index) => member.view.features[index]!.name === input.feature);
          return { member, feature };
        }),
      },
    ],
    joinColumns: [],
    requestInputs: view.request,
  };
}

function memberOf({ inputs }: CompiledOnDemandView, { alias, view, maxAge }: OnDemandRead): ServiceMember {
  const taken = inputs.flatMap((input) => (input.kind === 'feature' && input.view === alias ? input.feature : []));
  return {
    alias,
    view,
    joinColumns: view.key.map(({ name }) => name),
    features: view.features.flatMap(({ name }, index) => (taken.includes(name) ? index : [])),
    maxAgeMillis: tightenedMaxAge(view, maxAge === undefined ? null : parseDuration(maxAge)),
  };
}

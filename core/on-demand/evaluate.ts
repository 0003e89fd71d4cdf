import type {
  CellStatus,
  CompiledOnDemandView,
  CompiledService,
  OnDemandInput,
  ServiceMember,
  ViewReading,
} from '../definitions/compiled.ts';
import type { Value } from '../values/types.ts';

/** What was read of one member, along `member.features`, after defaulting. */
export type MemberReading = Pick<ViewReading, 'values' | 'statuses' | 'defaulted'>;

/** The features that the service chose of one on-demand view, in the order of `service.onDemand[i].features`. */
export interface OnDemandReading {
  readonly view: CompiledOnDemandView;
  readonly values: readonly Value[];
  /** PRESENT or NULL; NOT_READY or UNAVAILABLE where an input that the feature reads is. */
  readonly statuses: readonly CellStatus[];
  /** True where an input that the feature reads was defaulted, or the feature itself. */
  readonly defaulted: readonly boolean[];
}

/**
 * Every member that must be read to answer the service: its own, in order, then those that only on-demand features
 * read. Readings for `evaluateOnDemand` have this order; the first `service.members.length` of them are the output.
 */
export function membersToRead(service: CompiledService): readonly ServiceMember[] {
  return planOf(service).members;
}

/**
 * Computes the service's on-demand features for one row, one reading per on-demand view.
 *
 * @param readings one per member of `membersToRead(service)`, in that order
 * @param request along `service.requestInputs`
 */
export function evaluateOnDemand(
  service: CompiledService,
  readings: readonly MemberReading[],
  request: readonly Value[],
): readonly OnDemandReading[] {
  return planOf(service).views.map((plan) => evaluateView(plan, readings, request));
}

/** Where an input is found: a member's cell, or (reading −1) a request input. */
interface InputPlan {
  readonly reading: number;
  readonly position: number;
}

interface ViewPlan {
  readonly view: CompiledOnDemandView;
  readonly inputs: readonly InputPlan[];
  readonly features: readonly number[];
  /** The values of the inputs, filled anew for each row; one is enough, since an evaluation never waits. */
  readonly row: Value[];
}

interface ServicePlan {
  readonly members: readonly ServiceMember[];
  readonly views: readonly ViewPlan[];
}

/** Compiled services are immutable, so where their inputs are read is worked out once. */
const plans = new WeakMap<CompiledService, ServicePlan>();

function planOf(service: CompiledService): ServicePlan {
  const known = plans.get(service);
  if (known !== undefined) return known;
  const read = service.onDemand.flatMap(({ reads }) => reads.flatMap((one) => (one === null ? [] : [one.member])));
  const members = [...new Set([...service.members, ...read])];
  const requestPosition = (input: OnDemandInput) =>
    service.requestInputs.findIndex(({ name }) => name === nameOf(input));
  const views = service.onDemand.map(({ view, features, reads }): ViewPlan => {
    const inputs = view.inputs.map((input, index): InputPlan => {
      const from = reads[index] ?? null;
      if (from === null) return { reading: -1, position: requestPosition(input) };
      return { reading: members.indexOf(from.member), position: from.feature };
    });
    return { view, features, inputs, row: inputs.map(() => null) };
  });
  const plan = { members, views };
  plans.set(service, plan);
  return plan;
}

function nameOf(input: OnDemandInput): string {
  return input.kind === 'request' ? input.name : input.feature;
}

function evaluateView(
  { view, inputs, features, row }: ViewPlan,
  readings: readonly MemberReading[],
  request: readonly Value[],
): OnDemandReading {
  for (let i = 0; i < inputs.length; i++) {
    const { reading, position } = inputs[i]!;
    row[i] = (reading < 0 ? request[position] : readings[reading]!.values[position]) ?? null;
  }
  const values: Value[] = [];
  const statuses: CellStatus[] = [];
  const defaulted: boolean[] = [];
  for (const index of features) {
    const { expression, defaultValue, uses } = view.features[index]!;
    let missing: CellStatus | null = null;
    let fromDefault = false;
    for (const use of uses) {
      const { reading, position } = inputs[use]!;
      if (reading < 0) continue;
      const found = readings[reading]!.statuses[position]!;
      if (found === 'UNAVAILABLE' || (found === 'NOT_READY' && missing === null)) missing = found;
      if (readings[reading]!.defaulted[position] === true) fromDefault = true;
    }
    // As a derived cell: what is still being filled, or could not be read, is nothing to compute with.
    const value = missing === null || fromDefault ? expression.evaluate(row) : null;
    const status = missing ?? (value === null ? 'NULL' : 'PRESENT');
    const isReplaced = status !== 'PRESENT' && defaultValue !== null;
    values.push(isReplaced ? defaultValue : value);
    statuses.push(status);
    defaulted.push(isReplaced || fromDefault);
  }
  return { view, values, statuses, defaulted };
}

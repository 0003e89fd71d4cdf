import type {
  CellStatus,
  CompiledOnDemandView,
  CompiledService,
  ServiceMember,
  ViewReading,
} from '../definitions/compiled.ts';
import { typeText } from '../definitions/value-types.ts';
import { AsofError } from '../errors/asof-error.ts';
import type { Value } from '../values/types.ts';

/** What was read of one member, along `member.features`, after defaulting. */
export type MemberReading = Pick<ViewReading, 'values' | 'statuses' | 'defaulted'>;

/** The features that the service chose of one on-demand view, in the order of `service.onDemand[i].features`. */
export interface OnDemandReading {
  readonly view: CompiledOnDemandView;
  readonly values: readonly Value[];
  /** PRESENT or NULL. */
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
 * @param requestInputs by name; each of `service.requestInputs` must be there, though it may be null
 * @throws AsofError BAD_INPUT naming each request input that is missing
 */
export function evaluateOnDemand(
  service: CompiledService,
  readings: readonly MemberReading[],
  requestInputs: ReadonlyMap<string, Value>,
): readonly OnDemandReading[] {
  if (service.onDemand.length === 0) return [];
  checkRequest(service, requestInputs);
  return planOf(service).views.map((plan) => evaluateView(plan, readings, requestInputs));
}

type InputPlan =
  | { readonly kind: 'request'; readonly name: string }
  /** `reading` indexes the readings, `position` its arrays. */
  | { readonly kind: 'feature'; readonly reading: number; readonly position: number };

interface ViewPlan {
  readonly view: CompiledOnDemandView;
  readonly inputs: readonly InputPlan[];
  readonly features: readonly number[];
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
  const views = service.onDemand.map(({ view, features, reads }) => ({
    view,
    features,
    inputs: view.inputs.map((input, index): InputPlan => {
      const from = reads[index];
      if (from === null || from === undefined) return { kind: 'request', name: inputName(input) };
      return { kind: 'feature', reading: members.indexOf(from.member), position: from.feature };
    }),
  }));
  const plan = { members, views };
  plans.set(service, plan);
  return plan;
}

function inputName(input: CompiledOnDemandView['inputs'][number]): string {
  return input.kind === 'request' ? input.name : `${input.view}.${input.feature}`;
}

function checkRequest(service: CompiledService, requestInputs: ReadonlyMap<string, Value>): void {
  const missing = service.requestInputs.filter(({ name }) => !requestInputs.has(name));
  if (missing.length === 0) return;
  throw new AsofError('BAD_INPUT', 'a request input is missing', {
    path: `request.${missing[0]!.name}`,
    expected: missing.map(({ name, type }) => `${name}: ${typeText(type)}`).join(', '),
    got: requestInputs.size === 0 ? 'no request inputs' : [...requestInputs.keys()].join(', '),
    remedy: `Send it with the request; the service "${service.name}" computes features from it.`,
  });
}

function evaluateView(
  { view, inputs, features }: ViewPlan,
  readings: readonly MemberReading[],
  requestInputs: ReadonlyMap<string, Value>,
): OnDemandReading {
  const row = inputs.map((input) =>
    input.kind === 'request'
      ? (requestInputs.get(input.name) ?? null)
      : (readings[input.reading]!.values[input.position] ?? null),
  );
  const isInputDefaulted = (index: number) => {
    const input = inputs[index]!;
    return input.kind === 'feature' && readings[input.reading]!.defaulted[input.position] === true;
  };
  const values: Value[] = [];
  const statuses: CellStatus[] = [];
  const defaulted: boolean[] = [];
  for (const index of features) {
    const { expression, defaultValue, uses } = view.features[index]!;
    const value = expression.evaluate(row);
    const isDefaulted = value === null && defaultValue !== null;
    values.push(isDefaulted ? defaultValue : value);
    statuses.push(value === null ? 'NULL' : 'PRESENT');
    defaulted.push(isDefaulted || uses.some(isInputDefaulted));
  }
  return { view, values, statuses, defaulted };
}

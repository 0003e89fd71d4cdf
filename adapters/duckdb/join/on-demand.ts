import type { CompiledService, ServiceMember } from '../../../core/definitions/compiled.ts';
import { AsofError } from '../../../core/errors/asof-error.ts';
import { evaluateOnDemand, type MemberReading, membersToRead } from '../../../core/on-demand/evaluate.ts';
import {
  missingRequestInput,
  type RequestInput,
  refusedRequestInput,
  requestInputsOf,
} from '../../../core/on-demand/request-input.ts';
import type { JoinedRow, JoinRequest } from '../../../core/ports/offline-store.ts';
import type { Value } from '../../../core/values/types.ts';
import type { Session } from '../engine.ts';
import type { ExpressionCompiler, SqlInput } from '../expression-function.ts';
import { valueLiteral } from '../literals.ts';
import { identifier } from '../quoting.ts';
import { spineColumnAs } from './keys.ts';
import type { LoadedSpine } from './spine.ts';

/** A join's request-time features: where each of their inputs is found. */
export interface OnDemandPlan {
  readonly service: CompiledService;
  /** For each of `membersToRead(service)` its place among the joined members. */
  readonly readings: readonly number[];
  /** `service.requestInputs` as SQL over the spine's columns. */
  readonly requestSql: readonly string[];
}

/** The members that the join must compute: those asked for, then what only request-time features read. */
export function membersToJoin({ members, service }: JoinRequest): readonly ServiceMember[] {
  if (service === undefined) return members;
  const hidden = membersToRead(service).filter((member) => placeOf(member, members) < 0);
  return [...members, ...hidden];
}

/** BAD_INPUT when the spine lacks a request input, or has it with values of another type. */
export async function planOnDemand(
  session: Session,
  spine: LoadedSpine,
  { service }: JoinRequest,
  joined: readonly ServiceMember[],
): Promise<OnDemandPlan | null> {
  if (service === undefined) return null;
  const requestSql: string[] = [];
  for (const input of requestInputsOf(service)) requestSql.push(await requestInputSql(session, spine, input));
  return { service, requestSql, readings: membersToRead(service).map((member) => placeOf(member, joined)) };
}

async function requestInputSql(session: Session, spine: LoadedSpine, input: RequestInput): Promise<string> {
  const path = `request.${input.name}`;
  const names = spine.columns.map(({ name }) => name);
  if (!names.includes(input.name)) throw missingRequestInput(input, path, `a spine with ${names.join(', ')}`);
  try {
    return await spineColumnAs(session, spine, input, path);
  } catch (error) {
    throw error instanceof AsofError && error.code === 'BAD_INPUT' ? refusedRequestInput(input, error.details) : error;
  }
}

function placeOf(member: ServiceMember, members: readonly ServiceMember[]): number {
  return members.findIndex((other) => other === member || sameMember(other, member));
}

/** Same features of the same view, read by the same columns. */
function sameMember(a: ServiceMember, b: ServiceMember): boolean {
  const identity = ({ alias, view, joinColumns, features, maxAgeMillis }: ServiceMember) =>
    JSON.stringify([alias, view.name, view.version, joinColumns, features, maxAgeMillis]);
  return identity(a) === identity(b);
}

/** @param members readings of all joined members */
export function onDemandOf(
  { service, readings }: OnDemandPlan,
  members: readonly MemberReading[],
  requestValues: readonly Value[],
): NonNullable<JoinedRow['onDemand']> {
  return evaluateOnDemand(
    service,
    readings.map((place) => members[place]!),
    requestValues,
  ).map(({ values, statuses, defaulted }) => ({ values, statuses, defaulted }));
}

/** Dataset columns view__feature (and their status): the reference function runs inside the engine, row by row. */
export function onDemandColumns(
  plan: OnDemandPlan,
  expressions: ExpressionCompiler,
  servedSql: (member: number, place: number) => string,
  withStatus: boolean,
): string[] {
  const { service, readings, requestSql } = plan;
  const read = membersToRead(service);
  return service.onDemand.flatMap(({ view, features, reads }) => {
    const inputs = view.inputs.map((input, index): SqlInput => {
      const from = reads[index] ?? null;
      if (from !== null) {
        return { type: input.type, sql: servedSql(readings[read.indexOf(from.member)]!, from.feature) };
      }
      const name = input.kind === 'request' ? input.name : `${input.view}.${input.feature}`;
      const request = service.requestInputs.findIndex((other) => other.name === name);
      if (request < 0) throw new AsofError('INTERNAL', `${view.name}: ${name} is not an input of the service`);
      return { type: input.type, sql: requestSql[request]! };
    });
    return features.flatMap((index) => {
      const feature = view.features[index]!;
      const value = expressions.call(feature.expression, inputs);
      const fallback = feature.defaultValue;
      const served = fallback === null ? value : `coalesce(${value}, ${valueLiteral(feature.type, fallback)})`;
      const name = `${view.name}__${feature.name}`;
      const status = `CASE WHEN ${value} IS NULL THEN 'NULL' ELSE 'PRESENT' END`;
      return [
        `${served} AS ${identifier(name)}`,
        ...(withStatus ? [`${status} AS ${identifier(`${name}__status`)}`] : []),
      ];
    });
  });
}

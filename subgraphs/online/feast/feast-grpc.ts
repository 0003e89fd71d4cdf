import type { Integer } from '../../../core/values/integers.ts';
import { formatInstant } from '../../../core/values/json.ts';
import type { Instant, Value, ValueType } from '../../../core/values/types.ts';
import {
  type Value as FeastValue,
  FieldStatus,
  type GetOnlineFeaturesRequest,
  type GetOnlineFeaturesResponseGiven,
  servingServiceMethods,
  type ValueGiven,
} from '../../../runtime/grpc/generated/feast.ts';
import { type GrpcRoute, grpcRoute } from '../../../runtime/grpc/grpc-route.ts';
import { type FeastColumn, type FeastDeps, readForFeast } from './feast-read.ts';

/** The service of Feast's own feature servers, for its clients in Java, Go and other languages. */
export function feastGrpcRoutes(deps: FeastDeps): readonly GrpcRoute[] {
  const { getFeastServingInfo, getOnlineFeatures } = servingServiceMethods;
  return [
    grpcRoute(getFeastServingInfo, async () => ({ version: 'asof' })),
    grpcRoute(getOnlineFeatures, async (request) => {
      const { featureService, features, fullFeatureNames } = request;
      const columns = await readForFeast(deps, {
        featureService: featureService ?? null,
        features: features?.val ?? [],
        entities: entitiesOf(request),
        fullFeatureNames,
      });
      return responseOf(columns);
    }),
  ];
}

function entitiesOf({ entities, requestContext }: GetOnlineFeaturesRequest) {
  const columns = [...entities, ...requestContext].map(([name, { val }]) => [name, val.map(inputOf)] as const);
  return Object.fromEntries(columns) as Readonly<Record<string, readonly unknown[]>>;
}

/** What a value holds, as `parseValue` takes it. */
function inputOf(given: FeastValue): unknown {
  const seconds = given.unixTimestampVal;
  if (seconds !== undefined) return instantText(seconds);
  if (given.unixTimestampListVal !== undefined) return given.unixTimestampListVal.val.map(instantText);
  if (given.mapVal !== undefined) {
    return Object.fromEntries([...given.mapVal.val].map(([name, value]) => [name, inputOf(value)]));
  }
  const list =
    given.stringListVal ??
    given.int32ListVal ??
    given.int64ListVal ??
    given.doubleListVal ??
    given.floatListVal ??
    given.boolListVal;
  if (list !== undefined) return list.val;
  const text = given.bytesVal === undefined ? given.stringVal : Buffer.from(given.bytesVal).toString();
  return text ?? given.int32Val ?? given.int64Val ?? given.doubleVal ?? given.floatVal ?? given.boolVal ?? null;
}

function instantText(seconds: Integer): unknown {
  const instant = Number(seconds) * 1_000;
  // What is no time at all is refused as the number that it is.
  return Number.isFinite(new Date(instant).getTime()) ? formatInstant(instant) : instant;
}

function responseOf(columns: readonly FeastColumn[]): GetOnlineFeaturesResponseGiven {
  return {
    metadata: { featureNames: { val: columns.map(({ name }) => name) } },
    results: columns.map(({ type, values, statuses, eventTimes }) => ({
      values: values.map((value) => feastValue(type, value)),
      statuses: statuses.map((status) => FieldStatus[status]),
      eventTimestamps: eventTimes.map((instant) => ({
        seconds: secondsOf(instant),
        nanos: (instant % 1_000) * 1_000_000,
      })),
    })),
    status: true,
  };
}

function secondsOf(instant: Instant): number {
  return Math.floor(instant / 1_000);
}

/** The field of the declared type; none where there is no value, as Feast has it. */
function feastValue(type: ValueType, value: Value): ValueGiven {
  if (value === null) return {};
  switch (type.kind) {
    case 'int32':
      return { int32Val: value as number };
    case 'int64':
      return { int64Val: value as Integer };
    case 'float64':
      return { doubleVal: value as number };
    case 'string':
    case 'decimal':
      return { stringVal: value as string };
    case 'bool':
      return { boolVal: value as boolean };
    case 'timestamp':
      return { unixTimestampVal: secondsOf(value as Instant) };
    case 'vector':
      return { doubleListVal: { val: value as readonly number[] } };
    case 'list':
      return listOf(type.element, value as readonly Value[]);
    case 'map': {
      const entries = [...(value as ReadonlyMap<string, Value>)];
      return { mapVal: { val: new Map(entries.map(([name, one]) => [name, feastValue(type.value, one)])) } };
    }
  }
}

/** Feast's lists hold no NULL: such elements are left out. What it has no list of is text. */
function listOf(element: ValueType, value: readonly Value[]): ValueGiven {
  const present = value.filter((one) => one !== null);
  switch (element.kind) {
    case 'int32':
      return { int32ListVal: { val: present as number[] } };
    case 'int64':
      return { int64ListVal: { val: present as Integer[] } };
    case 'float64':
      return { doubleListVal: { val: present as number[] } };
    case 'bool':
      return { boolListVal: { val: present as boolean[] } };
    case 'timestamp':
      return { unixTimestampListVal: { val: (present as Instant[]).map(secondsOf) } };
    case 'string':
    case 'decimal':
      return { stringListVal: { val: present as string[] } };
    default:
      return { stringListVal: { val: present.map((one) => JSON.stringify(one)) } };
  }
}

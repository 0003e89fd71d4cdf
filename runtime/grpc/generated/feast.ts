// Written by `npm run codegen` from schema/feast/serving/ServingService.proto.

import type { Integer } from '../../../core/values/integers.ts';
import type { GrpcMethod } from '../grpc-method.ts';
import type { ProtoReader } from '../proto-reader.ts';
import type { ProtoWriter } from '../proto-writer.ts';

export const FieldStatus = {
  INVALID: 0,
  PRESENT: 1,
  NULL_VALUE: 2,
  NOT_FOUND: 3,
  OUTSIDE_MAX_AGE: 4,
} as const;

export const Null = {
  NULL: 0,
} as const;

export interface GetFeastServingInfoRequest {

}

export interface GetFeastServingInfoRequestGiven {

}

export function writeGetFeastServingInfoRequest(_out: ProtoWriter, _given: GetFeastServingInfoRequestGiven): void {

}

export function readGetFeastServingInfoRequest(input: ProtoReader): GetFeastServingInfoRequest {
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      default:
        input.skip(tag);
    }
  }
  return {  };
}

export interface GetFeastServingInfoResponse {
  readonly version: string;
}

export interface GetFeastServingInfoResponseGiven {
  readonly version?: string | undefined;
}

export function writeGetFeastServingInfoResponse(out: ProtoWriter, given: GetFeastServingInfoResponseGiven): void {
  if (given.version !== undefined && given.version !== '') {
    out.uint32(10);
    out.string(given.version);
  }
}

export function readGetFeastServingInfoResponse(input: ProtoReader): GetFeastServingInfoResponse {
  let version: string = '';
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        version = input.string();
        break;
      default:
        input.skip(tag);
    }
  }
  return { version };
}

export interface FeatureList {
  readonly val: readonly string[];
}

export interface FeatureListGiven {
  readonly val?: readonly string[] | undefined;
}

export function writeFeatureList(out: ProtoWriter, given: FeatureListGiven): void {
  for (const one of given.val ?? []) {
    out.uint32(10);
    out.string(one);
  }
}

export function readFeatureList(input: ProtoReader): FeatureList {
  const val: string[] = [];
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        val.push(input.string());
        break;
      default:
        input.skip(tag);
    }
  }
  return { val };
}

export interface GetOnlineFeaturesRequest {
  readonly featureService: string | undefined;
  readonly features: FeatureList | undefined;
  /** Join keys by name, a column each. */
  readonly entities: ReadonlyMap<string, RepeatedValue>;
  /** Whether features are named view__feature. */
  readonly fullFeatureNames: boolean;
  /** Inputs of on-demand features, a column each. */
  readonly requestContext: ReadonlyMap<string, RepeatedValue>;
}

export interface GetOnlineFeaturesRequestGiven {
  readonly featureService?: string | undefined;
  readonly features?: FeatureListGiven | undefined;
  readonly entities?: ReadonlyMap<string, RepeatedValueGiven> | undefined;
  readonly fullFeatureNames?: boolean | undefined;
  readonly requestContext?: ReadonlyMap<string, RepeatedValueGiven> | undefined;
}

export function writeGetOnlineFeaturesRequest(out: ProtoWriter, given: GetOnlineFeaturesRequestGiven): void {
  if (given.featureService !== undefined) {
    out.uint32(10);
    out.string(given.featureService);
  }
  if (given.features !== undefined) {
    out.uint32(18);
    const featuresAt = out.begin();
    writeFeatureList(out, given.features);
    out.end(featuresAt);
  }
  for (const [key, one] of given.entities ?? []) {
    out.uint32(26);
    const entry = out.begin();
    out.uint32(10);
    out.string(key);
    out.uint32(18);
    const entitiesAt = out.begin();
    writeRepeatedValue(out, one);
    out.end(entitiesAt);
    out.end(entry);
  }
  if (given.fullFeatureNames !== undefined && given.fullFeatureNames !== false) {
    out.uint32(32);
    out.uint32(given.fullFeatureNames ? 1 : 0);
  }
  for (const [key, one] of given.requestContext ?? []) {
    out.uint32(42);
    const entry = out.begin();
    out.uint32(10);
    out.string(key);
    out.uint32(18);
    const requestContextAt = out.begin();
    writeRepeatedValue(out, one);
    out.end(requestContextAt);
    out.end(entry);
  }
}

export function readGetOnlineFeaturesRequest(input: ProtoReader): GetOnlineFeaturesRequest {
  let featureService: string | undefined;
  let features: FeatureList | undefined;
  const entities = new Map<string, RepeatedValue>();
  let fullFeatureNames: boolean = false;
  const requestContext = new Map<string, RepeatedValue>();
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        featureService = input.string();
        features = undefined;
        break;
      case 18:
        features = input.within(readFeatureList);
        featureService = undefined;
        break;
      case 26:
        input.within((entry) => {
          let key = '';
          let one: RepeatedValue | undefined;
          for (let inner = entry.tag(); inner !== 0; inner = entry.tag()) {
            if (inner === 10) key = entry.string();
            else if (inner === 18) one = entry.within(readRepeatedValue);
            else entry.skip(inner);
          }
          if (one !== undefined) entities.set(key, one);
        });
        break;
      case 32:
        fullFeatureNames = input.bool();
        break;
      case 42:
        input.within((entry) => {
          let key = '';
          let one: RepeatedValue | undefined;
          for (let inner = entry.tag(); inner !== 0; inner = entry.tag()) {
            if (inner === 10) key = entry.string();
            else if (inner === 18) one = entry.within(readRepeatedValue);
            else entry.skip(inner);
          }
          if (one !== undefined) requestContext.set(key, one);
        });
        break;
      default:
        input.skip(tag);
    }
  }
  return { featureService, features, entities, fullFeatureNames, requestContext };
}

export interface GetOnlineFeaturesResponse {
  readonly metadata: GetOnlineFeaturesResponseMetadata | undefined;
  /** Along metadata.feature_names; join keys first. */
  readonly results: readonly FeatureVector[];
  readonly status: boolean;
}

export interface GetOnlineFeaturesResponseGiven {
  readonly metadata?: GetOnlineFeaturesResponseMetadataGiven | undefined;
  readonly results?: readonly FeatureVectorGiven[] | undefined;
  readonly status?: boolean | undefined;
}

export function writeGetOnlineFeaturesResponse(out: ProtoWriter, given: GetOnlineFeaturesResponseGiven): void {
  if (given.metadata !== undefined) {
    out.uint32(10);
    const metadataAt = out.begin();
    writeGetOnlineFeaturesResponseMetadata(out, given.metadata);
    out.end(metadataAt);
  }
  for (const one of given.results ?? []) {
    out.uint32(18);
    const resultsAt = out.begin();
    writeFeatureVector(out, one);
    out.end(resultsAt);
  }
  if (given.status !== undefined && given.status !== false) {
    out.uint32(24);
    out.uint32(given.status ? 1 : 0);
  }
}

export function readGetOnlineFeaturesResponse(input: ProtoReader): GetOnlineFeaturesResponse {
  let metadata: GetOnlineFeaturesResponseMetadata | undefined;
  const results: FeatureVector[] = [];
  let status: boolean = false;
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        metadata = input.within(readGetOnlineFeaturesResponseMetadata);
        break;
      case 18:
        results.push(input.within(readFeatureVector));
        break;
      case 24:
        status = input.bool();
        break;
      default:
        input.skip(tag);
    }
  }
  return { metadata, results, status };
}

export interface FeatureVector {
  readonly values: readonly Value[];
  readonly statuses: readonly number[];
  readonly eventTimestamps: readonly Timestamp[];
}

export interface FeatureVectorGiven {
  readonly values?: readonly ValueGiven[] | undefined;
  readonly statuses?: readonly number[] | undefined;
  readonly eventTimestamps?: readonly TimestampGiven[] | undefined;
}

export function writeFeatureVector(out: ProtoWriter, given: FeatureVectorGiven): void {
  for (const one of given.values ?? []) {
    out.uint32(10);
    const valuesAt = out.begin();
    writeValue(out, one);
    out.end(valuesAt);
  }
  if (given.statuses !== undefined && given.statuses.length > 0) {
    out.uint32(18);
    const packed = out.begin();
    for (const one of given.statuses) out.uint32(one);
    out.end(packed);
  }
  for (const one of given.eventTimestamps ?? []) {
    out.uint32(26);
    const eventTimestampsAt = out.begin();
    writeTimestamp(out, one);
    out.end(eventTimestampsAt);
  }
}

export function readFeatureVector(input: ProtoReader): FeatureVector {
  const values: Value[] = [];
  const statuses: number[] = [];
  const eventTimestamps: Timestamp[] = [];
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        values.push(input.within(readValue));
        break;
      case 18:
        input.within((packed) => {
          while (packed.hasMore) statuses.push(packed.uint32());
        });
        break;
      case 16:
        statuses.push(input.uint32());
        break;
      case 26:
        eventTimestamps.push(input.within(readTimestamp));
        break;
      default:
        input.skip(tag);
    }
  }
  return { values, statuses, eventTimestamps };
}

export interface GetOnlineFeaturesResponseMetadata {
  readonly featureNames: FeatureList | undefined;
}

export interface GetOnlineFeaturesResponseMetadataGiven {
  readonly featureNames?: FeatureListGiven | undefined;
}

export function writeGetOnlineFeaturesResponseMetadata(out: ProtoWriter, given: GetOnlineFeaturesResponseMetadataGiven): void {
  if (given.featureNames !== undefined) {
    out.uint32(10);
    const featureNamesAt = out.begin();
    writeFeatureList(out, given.featureNames);
    out.end(featureNamesAt);
  }
}

export function readGetOnlineFeaturesResponseMetadata(input: ProtoReader): GetOnlineFeaturesResponseMetadata {
  let featureNames: FeatureList | undefined;
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        featureNames = input.within(readFeatureList);
        break;
      default:
        input.skip(tag);
    }
  }
  return { featureNames };
}

export interface Value {
  readonly bytesVal: Uint8Array | undefined;
  readonly stringVal: string | undefined;
  readonly int32Val: number | undefined;
  readonly int64Val: Integer | undefined;
  readonly doubleVal: number | undefined;
  readonly floatVal: number | undefined;
  readonly boolVal: boolean | undefined;
  /** Seconds. */
  readonly unixTimestampVal: Integer | undefined;
  readonly stringListVal: StringList | undefined;
  readonly int32ListVal: Int32List | undefined;
  readonly int64ListVal: Int64List | undefined;
  readonly doubleListVal: DoubleList | undefined;
  readonly floatListVal: FloatList | undefined;
  readonly boolListVal: BoolList | undefined;
  readonly unixTimestampListVal: Int64List | undefined;
  readonly nullVal: number | undefined;
  readonly mapVal: ValueMap | undefined;
}

export interface ValueGiven {
  readonly bytesVal?: Uint8Array | undefined;
  readonly stringVal?: string | undefined;
  readonly int32Val?: number | undefined;
  readonly int64Val?: Integer | undefined;
  readonly doubleVal?: number | undefined;
  readonly floatVal?: number | undefined;
  readonly boolVal?: boolean | undefined;
  readonly unixTimestampVal?: Integer | undefined;
  readonly stringListVal?: StringListGiven | undefined;
  readonly int32ListVal?: Int32ListGiven | undefined;
  readonly int64ListVal?: Int64ListGiven | undefined;
  readonly doubleListVal?: DoubleListGiven | undefined;
  readonly floatListVal?: FloatListGiven | undefined;
  readonly boolListVal?: BoolListGiven | undefined;
  readonly unixTimestampListVal?: Int64ListGiven | undefined;
  readonly nullVal?: number | undefined;
  readonly mapVal?: ValueMapGiven | undefined;
}

export function writeValue(out: ProtoWriter, given: ValueGiven): void {
  if (given.bytesVal !== undefined) {
    out.uint32(10);
    out.bytes(given.bytesVal);
  }
  if (given.stringVal !== undefined) {
    out.uint32(18);
    out.string(given.stringVal);
  }
  if (given.int32Val !== undefined) {
    out.uint32(24);
    out.int64(given.int32Val);
  }
  if (given.int64Val !== undefined) {
    out.uint32(32);
    out.int64(given.int64Val);
  }
  if (given.doubleVal !== undefined) {
    out.uint32(41);
    out.double(given.doubleVal);
  }
  if (given.floatVal !== undefined) {
    out.uint32(53);
    out.float(given.floatVal);
  }
  if (given.boolVal !== undefined) {
    out.uint32(56);
    out.uint32(given.boolVal ? 1 : 0);
  }
  if (given.unixTimestampVal !== undefined) {
    out.uint32(64);
    out.int64(given.unixTimestampVal);
  }
  if (given.stringListVal !== undefined) {
    out.uint32(98);
    const stringListValAt = out.begin();
    writeStringList(out, given.stringListVal);
    out.end(stringListValAt);
  }
  if (given.int32ListVal !== undefined) {
    out.uint32(106);
    const int32ListValAt = out.begin();
    writeInt32List(out, given.int32ListVal);
    out.end(int32ListValAt);
  }
  if (given.int64ListVal !== undefined) {
    out.uint32(114);
    const int64ListValAt = out.begin();
    writeInt64List(out, given.int64ListVal);
    out.end(int64ListValAt);
  }
  if (given.doubleListVal !== undefined) {
    out.uint32(122);
    const doubleListValAt = out.begin();
    writeDoubleList(out, given.doubleListVal);
    out.end(doubleListValAt);
  }
  if (given.floatListVal !== undefined) {
    out.uint32(130);
    const floatListValAt = out.begin();
    writeFloatList(out, given.floatListVal);
    out.end(floatListValAt);
  }
  if (given.boolListVal !== undefined) {
    out.uint32(138);
    const boolListValAt = out.begin();
    writeBoolList(out, given.boolListVal);
    out.end(boolListValAt);
  }
  if (given.unixTimestampListVal !== undefined) {
    out.uint32(146);
    const unixTimestampListValAt = out.begin();
    writeInt64List(out, given.unixTimestampListVal);
    out.end(unixTimestampListValAt);
  }
  if (given.nullVal !== undefined) {
    out.uint32(152);
    out.uint32(given.nullVal);
  }
  if (given.mapVal !== undefined) {
    out.uint32(162);
    const mapValAt = out.begin();
    writeValueMap(out, given.mapVal);
    out.end(mapValAt);
  }
}

export function readValue(input: ProtoReader): Value {
  let bytesVal: Uint8Array | undefined;
  let stringVal: string | undefined;
  let int32Val: number | undefined;
  let int64Val: Integer | undefined;
  let doubleVal: number | undefined;
  let floatVal: number | undefined;
  let boolVal: boolean | undefined;
  let unixTimestampVal: Integer | undefined;
  let stringListVal: StringList | undefined;
  let int32ListVal: Int32List | undefined;
  let int64ListVal: Int64List | undefined;
  let doubleListVal: DoubleList | undefined;
  let floatListVal: FloatList | undefined;
  let boolListVal: BoolList | undefined;
  let unixTimestampListVal: Int64List | undefined;
  let nullVal: number | undefined;
  let mapVal: ValueMap | undefined;
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        bytesVal = input.bytes();
        stringVal = int32Val = int64Val = doubleVal = floatVal = boolVal = unixTimestampVal = stringListVal = int32ListVal = int64ListVal = doubleListVal = floatListVal = boolListVal = unixTimestampListVal = nullVal = mapVal = undefined;
        break;
      case 18:
        stringVal = input.string();
        bytesVal = int32Val = int64Val = doubleVal = floatVal = boolVal = unixTimestampVal = stringListVal = int32ListVal = int64ListVal = doubleListVal = floatListVal = boolListVal = unixTimestampListVal = nullVal = mapVal = undefined;
        break;
      case 24:
        int32Val = input.int32();
        bytesVal = stringVal = int64Val = doubleVal = floatVal = boolVal = unixTimestampVal = stringListVal = int32ListVal = int64ListVal = doubleListVal = floatListVal = boolListVal = unixTimestampListVal = nullVal = mapVal = undefined;
        break;
      case 32:
        int64Val = input.int64();
        bytesVal = stringVal = int32Val = doubleVal = floatVal = boolVal = unixTimestampVal = stringListVal = int32ListVal = int64ListVal = doubleListVal = floatListVal = boolListVal = unixTimestampListVal = nullVal = mapVal = undefined;
        break;
      case 41:
        doubleVal = input.double();
        bytesVal = stringVal = int32Val = int64Val = floatVal = boolVal = unixTimestampVal = stringListVal = int32ListVal = int64ListVal = doubleListVal = floatListVal = boolListVal = unixTimestampListVal = nullVal = mapVal = undefined;
        break;
      case 53:
        floatVal = input.float();
        bytesVal = stringVal = int32Val = int64Val = doubleVal = boolVal = unixTimestampVal = stringListVal = int32ListVal = int64ListVal = doubleListVal = floatListVal = boolListVal = unixTimestampListVal = nullVal = mapVal = undefined;
        break;
      case 56:
        boolVal = input.bool();
        bytesVal = stringVal = int32Val = int64Val = doubleVal = floatVal = unixTimestampVal = stringListVal = int32ListVal = int64ListVal = doubleListVal = floatListVal = boolListVal = unixTimestampListVal = nullVal = mapVal = undefined;
        break;
      case 64:
        unixTimestampVal = input.int64();
        bytesVal = stringVal = int32Val = int64Val = doubleVal = floatVal = boolVal = stringListVal = int32ListVal = int64ListVal = doubleListVal = floatListVal = boolListVal = unixTimestampListVal = nullVal = mapVal = undefined;
        break;
      case 98:
        stringListVal = input.within(readStringList);
        bytesVal = stringVal = int32Val = int64Val = doubleVal = floatVal = boolVal = unixTimestampVal = int32ListVal = int64ListVal = doubleListVal = floatListVal = boolListVal = unixTimestampListVal = nullVal = mapVal = undefined;
        break;
      case 106:
        int32ListVal = input.within(readInt32List);
        bytesVal = stringVal = int32Val = int64Val = doubleVal = floatVal = boolVal = unixTimestampVal = stringListVal = int64ListVal = doubleListVal = floatListVal = boolListVal = unixTimestampListVal = nullVal = mapVal = undefined;
        break;
      case 114:
        int64ListVal = input.within(readInt64List);
        bytesVal = stringVal = int32Val = int64Val = doubleVal = floatVal = boolVal = unixTimestampVal = stringListVal = int32ListVal = doubleListVal = floatListVal = boolListVal = unixTimestampListVal = nullVal = mapVal = undefined;
        break;
      case 122:
        doubleListVal = input.within(readDoubleList);
        bytesVal = stringVal = int32Val = int64Val = doubleVal = floatVal = boolVal = unixTimestampVal = stringListVal = int32ListVal = int64ListVal = floatListVal = boolListVal = unixTimestampListVal = nullVal = mapVal = undefined;
        break;
      case 130:
        floatListVal = input.within(readFloatList);
        bytesVal = stringVal = int32Val = int64Val = doubleVal = floatVal = boolVal = unixTimestampVal = stringListVal = int32ListVal = int64ListVal = doubleListVal = boolListVal = unixTimestampListVal = nullVal = mapVal = undefined;
        break;
      case 138:
        boolListVal = input.within(readBoolList);
        bytesVal = stringVal = int32Val = int64Val = doubleVal = floatVal = boolVal = unixTimestampVal = stringListVal = int32ListVal = int64ListVal = doubleListVal = floatListVal = unixTimestampListVal = nullVal = mapVal = undefined;
        break;
      case 146:
        unixTimestampListVal = input.within(readInt64List);
        bytesVal = stringVal = int32Val = int64Val = doubleVal = floatVal = boolVal = unixTimestampVal = stringListVal = int32ListVal = int64ListVal = doubleListVal = floatListVal = boolListVal = nullVal = mapVal = undefined;
        break;
      case 152:
        nullVal = input.uint32();
        bytesVal = stringVal = int32Val = int64Val = doubleVal = floatVal = boolVal = unixTimestampVal = stringListVal = int32ListVal = int64ListVal = doubleListVal = floatListVal = boolListVal = unixTimestampListVal = mapVal = undefined;
        break;
      case 162:
        mapVal = input.within(readValueMap);
        bytesVal = stringVal = int32Val = int64Val = doubleVal = floatVal = boolVal = unixTimestampVal = stringListVal = int32ListVal = int64ListVal = doubleListVal = floatListVal = boolListVal = unixTimestampListVal = nullVal = undefined;
        break;
      default:
        input.skip(tag);
    }
  }
  return { bytesVal, stringVal, int32Val, int64Val, doubleVal, floatVal, boolVal, unixTimestampVal, stringListVal, int32ListVal, int64ListVal, doubleListVal, floatListVal, boolListVal, unixTimestampListVal, nullVal, mapVal };
}

export interface StringList {
  readonly val: readonly string[];
}

export interface StringListGiven {
  readonly val?: readonly string[] | undefined;
}

export function writeStringList(out: ProtoWriter, given: StringListGiven): void {
  for (const one of given.val ?? []) {
    out.uint32(10);
    out.string(one);
  }
}

export function readStringList(input: ProtoReader): StringList {
  const val: string[] = [];
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        val.push(input.string());
        break;
      default:
        input.skip(tag);
    }
  }
  return { val };
}

export interface Int32List {
  readonly val: readonly number[];
}

export interface Int32ListGiven {
  readonly val?: readonly number[] | undefined;
}

export function writeInt32List(out: ProtoWriter, given: Int32ListGiven): void {
  if (given.val !== undefined && given.val.length > 0) {
    out.uint32(10);
    const packed = out.begin();
    for (const one of given.val) out.int64(one);
    out.end(packed);
  }
}

export function readInt32List(input: ProtoReader): Int32List {
  const val: number[] = [];
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        input.within((packed) => {
          while (packed.hasMore) val.push(packed.int32());
        });
        break;
      case 8:
        val.push(input.int32());
        break;
      default:
        input.skip(tag);
    }
  }
  return { val };
}

export interface Int64List {
  readonly val: readonly Integer[];
}

export interface Int64ListGiven {
  readonly val?: readonly Integer[] | undefined;
}

export function writeInt64List(out: ProtoWriter, given: Int64ListGiven): void {
  if (given.val !== undefined && given.val.length > 0) {
    out.uint32(10);
    const packed = out.begin();
    for (const one of given.val) out.int64(one);
    out.end(packed);
  }
}

export function readInt64List(input: ProtoReader): Int64List {
  const val: Integer[] = [];
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        input.within((packed) => {
          while (packed.hasMore) val.push(packed.int64());
        });
        break;
      case 8:
        val.push(input.int64());
        break;
      default:
        input.skip(tag);
    }
  }
  return { val };
}

export interface DoubleList {
  readonly val: readonly number[];
}

export interface DoubleListGiven {
  readonly val?: readonly number[] | undefined;
}

export function writeDoubleList(out: ProtoWriter, given: DoubleListGiven): void {
  if (given.val !== undefined && given.val.length > 0) {
    out.uint32(10);
    const packed = out.begin();
    for (const one of given.val) out.double(one);
    out.end(packed);
  }
}

export function readDoubleList(input: ProtoReader): DoubleList {
  const val: number[] = [];
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        input.within((packed) => {
          while (packed.hasMore) val.push(packed.double());
        });
        break;
      case 9:
        val.push(input.double());
        break;
      default:
        input.skip(tag);
    }
  }
  return { val };
}

export interface FloatList {
  readonly val: readonly number[];
}

export interface FloatListGiven {
  readonly val?: readonly number[] | undefined;
}

export function writeFloatList(out: ProtoWriter, given: FloatListGiven): void {
  if (given.val !== undefined && given.val.length > 0) {
    out.uint32(10);
    const packed = out.begin();
    for (const one of given.val) out.float(one);
    out.end(packed);
  }
}

export function readFloatList(input: ProtoReader): FloatList {
  const val: number[] = [];
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        input.within((packed) => {
          while (packed.hasMore) val.push(packed.float());
        });
        break;
      case 13:
        val.push(input.float());
        break;
      default:
        input.skip(tag);
    }
  }
  return { val };
}

export interface BoolList {
  readonly val: readonly boolean[];
}

export interface BoolListGiven {
  readonly val?: readonly boolean[] | undefined;
}

export function writeBoolList(out: ProtoWriter, given: BoolListGiven): void {
  if (given.val !== undefined && given.val.length > 0) {
    out.uint32(10);
    const packed = out.begin();
    for (const one of given.val) out.uint32(one ? 1 : 0);
    out.end(packed);
  }
}

export function readBoolList(input: ProtoReader): BoolList {
  const val: boolean[] = [];
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        input.within((packed) => {
          while (packed.hasMore) val.push(packed.bool());
        });
        break;
      case 8:
        val.push(input.bool());
        break;
      default:
        input.skip(tag);
    }
  }
  return { val };
}

/** Feast calls it Map. */
export interface ValueMap {
  readonly val: ReadonlyMap<string, Value>;
}

export interface ValueMapGiven {
  readonly val?: ReadonlyMap<string, ValueGiven> | undefined;
}

export function writeValueMap(out: ProtoWriter, given: ValueMapGiven): void {
  for (const [key, one] of given.val ?? []) {
    out.uint32(10);
    const entry = out.begin();
    out.uint32(10);
    out.string(key);
    out.uint32(18);
    const valAt = out.begin();
    writeValue(out, one);
    out.end(valAt);
    out.end(entry);
  }
}

export function readValueMap(input: ProtoReader): ValueMap {
  const val = new Map<string, Value>();
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        input.within((entry) => {
          let key = '';
          let one: Value | undefined;
          for (let inner = entry.tag(); inner !== 0; inner = entry.tag()) {
            if (inner === 10) key = entry.string();
            else if (inner === 18) one = entry.within(readValue);
            else entry.skip(inner);
          }
          if (one !== undefined) val.set(key, one);
        });
        break;
      default:
        input.skip(tag);
    }
  }
  return { val };
}

export interface RepeatedValue {
  readonly val: readonly Value[];
}

export interface RepeatedValueGiven {
  readonly val?: readonly ValueGiven[] | undefined;
}

export function writeRepeatedValue(out: ProtoWriter, given: RepeatedValueGiven): void {
  for (const one of given.val ?? []) {
    out.uint32(10);
    const valAt = out.begin();
    writeValue(out, one);
    out.end(valAt);
  }
}

export function readRepeatedValue(input: ProtoReader): RepeatedValue {
  const val: Value[] = [];
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        val.push(input.within(readValue));
        break;
      default:
        input.skip(tag);
    }
  }
  return { val };
}

export interface Timestamp {
  readonly seconds: Integer;
  readonly nanos: number;
}

export interface TimestampGiven {
  readonly seconds?: Integer | undefined;
  readonly nanos?: number | undefined;
}

export function writeTimestamp(out: ProtoWriter, given: TimestampGiven): void {
  if (given.seconds !== undefined && given.seconds !== 0) {
    out.uint32(8);
    out.int64(given.seconds);
  }
  if (given.nanos !== undefined && given.nanos !== 0) {
    out.uint32(16);
    out.int64(given.nanos);
  }
}

export function readTimestamp(input: ProtoReader): Timestamp {
  let seconds: Integer = 0;
  let nanos: number = 0;
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 8:
        seconds = input.int64();
        break;
      case 16:
        nanos = input.int32();
        break;
      default:
        input.skip(tag);
    }
  }
  return { seconds, nanos };
}

export const servingServiceMethods = {
  getFeastServingInfo: {
    path: '/feast.serving.ServingService/GetFeastServingInfo',
    requestStream: false,
    responseStream: false,
    readRequest: readGetFeastServingInfoRequest,
    writeRequest: writeGetFeastServingInfoRequest,
    readResponse: readGetFeastServingInfoResponse,
    writeResponse: writeGetFeastServingInfoResponse,
  } satisfies GrpcMethod<GetFeastServingInfoRequest, GetFeastServingInfoRequestGiven, GetFeastServingInfoResponse, GetFeastServingInfoResponseGiven>,
  getOnlineFeatures: {
    path: '/feast.serving.ServingService/GetOnlineFeatures',
    requestStream: false,
    responseStream: false,
    readRequest: readGetOnlineFeaturesRequest,
    writeRequest: writeGetOnlineFeaturesRequest,
    readResponse: readGetOnlineFeaturesResponse,
    writeResponse: writeGetOnlineFeaturesResponse,
  } satisfies GrpcMethod<GetOnlineFeaturesRequest, GetOnlineFeaturesRequestGiven, GetOnlineFeaturesResponse, GetOnlineFeaturesResponseGiven>,
};

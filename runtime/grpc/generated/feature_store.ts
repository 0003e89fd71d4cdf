// Written by `npm run codegen` from schema/feature_store.proto.

import type { Integer } from '../../../core/values/integers.ts';
import type { GrpcMethod } from '../grpc-method.ts';
import type { ProtoReader } from '../proto-reader.ts';
import type { ProtoWriter } from '../proto-writer.ts';

export const FeatureStatus = {
  FEATURE_STATUS_PRESENT: 0,
  FEATURE_STATUS_NULL: 1,
  FEATURE_STATUS_NOT_FOUND: 2,
  FEATURE_STATUS_EXPIRED: 3,
  FEATURE_STATUS_NOT_READY: 4,
  FEATURE_STATUS_UNAVAILABLE: 5,
} as const;

export interface GetFeaturesRequest {
  /** The text of the entity's key, or `entity:key`. Where features have several entities, or a key of several parts: `keys`. */
  readonly entityId: string;
  /** `view:feature`, or `feature` where only one view has it. */
  readonly featureNames: readonly string[];
  /** Instead of feature_names: a feature service. */
  readonly service: string;
  /** 0 = its newest. */
  readonly serviceVersion: number;
  /** Instead of entity_id: each join key by its name. */
  readonly keys: ReadonlyMap<string, FeatureValue>;
  /** Inputs of on-demand features, by name. */
  readonly request: ReadonlyMap<string, FeatureValue>;
  /** Whether each value says when it happened. */
  readonly withEventTimes: boolean;
}

export interface GetFeaturesRequestGiven {
  readonly entityId?: string | undefined;
  readonly featureNames?: readonly string[] | undefined;
  readonly service?: string | undefined;
  readonly serviceVersion?: number | undefined;
  readonly keys?: ReadonlyMap<string, FeatureValueGiven> | undefined;
  readonly request?: ReadonlyMap<string, FeatureValueGiven> | undefined;
  readonly withEventTimes?: boolean | undefined;
}

export function writeGetFeaturesRequest(out: ProtoWriter, given: GetFeaturesRequestGiven): void {
  if (given.entityId !== undefined && given.entityId !== '') {
    out.uint32(10);
    out.string(given.entityId);
  }
  for (const one of given.featureNames ?? []) {
    out.uint32(18);
    out.string(one);
  }
  if (given.service !== undefined && given.service !== '') {
    out.uint32(26);
    out.string(given.service);
  }
  if (given.serviceVersion !== undefined && given.serviceVersion !== 0) {
    out.uint32(32);
    out.int64(given.serviceVersion);
  }
  for (const [key, one] of given.keys ?? []) {
    out.uint32(42);
    const entry = out.begin();
    out.uint32(10);
    out.string(key);
    out.uint32(18);
    const keysAt = out.begin();
    writeFeatureValue(out, one);
    out.end(keysAt);
    out.end(entry);
  }
  for (const [key, one] of given.request ?? []) {
    out.uint32(50);
    const entry = out.begin();
    out.uint32(10);
    out.string(key);
    out.uint32(18);
    const requestAt = out.begin();
    writeFeatureValue(out, one);
    out.end(requestAt);
    out.end(entry);
  }
  if (given.withEventTimes !== undefined && given.withEventTimes !== false) {
    out.uint32(56);
    out.uint32(given.withEventTimes ? 1 : 0);
  }
}

export function readGetFeaturesRequest(input: ProtoReader): GetFeaturesRequest {
  let entityId: string = '';
  const featureNames: string[] = [];
  let service: string = '';
  let serviceVersion: number = 0;
  const keys = new Map<string, FeatureValue>();
  const request = new Map<string, FeatureValue>();
  let withEventTimes: boolean = false;
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        entityId = input.string();
        break;
      case 18:
        featureNames.push(input.string());
        break;
      case 26:
        service = input.string();
        break;
      case 32:
        serviceVersion = input.int32();
        break;
      case 42:
        input.within((entry) => {
          let key = '';
          let one: FeatureValue | undefined;
          for (let inner = entry.tag(); inner !== 0; inner = entry.tag()) {
            if (inner === 10) key = entry.string();
            else if (inner === 18) one = entry.within(readFeatureValue);
            else entry.skip(inner);
          }
          if (one !== undefined) keys.set(key, one);
        });
        break;
      case 50:
        input.within((entry) => {
          let key = '';
          let one: FeatureValue | undefined;
          for (let inner = entry.tag(); inner !== 0; inner = entry.tag()) {
            if (inner === 10) key = entry.string();
            else if (inner === 18) one = entry.within(readFeatureValue);
            else entry.skip(inner);
          }
          if (one !== undefined) request.set(key, one);
        });
        break;
      case 56:
        withEventTimes = input.bool();
        break;
      default:
        input.skip(tag);
    }
  }
  return { entityId, featureNames, service, serviceVersion, keys, request, withEventTimes };
}

export interface GetFeaturesResponse {
  /** By the names that were asked for; of a service `view:feature`. */
  readonly features: ReadonlyMap<string, FeatureValue>;
  /** The instant of the read. */
  readonly readAt: Timestamp | undefined;
}

export interface GetFeaturesResponseGiven {
  readonly features?: ReadonlyMap<string, FeatureValueGiven> | undefined;
  readonly readAt?: TimestampGiven | undefined;
}

export function writeGetFeaturesResponse(out: ProtoWriter, given: GetFeaturesResponseGiven): void {
  for (const [key, one] of given.features ?? []) {
    out.uint32(10);
    const entry = out.begin();
    out.uint32(10);
    out.string(key);
    out.uint32(18);
    const featuresAt = out.begin();
    writeFeatureValue(out, one);
    out.end(featuresAt);
    out.end(entry);
  }
  if (given.readAt !== undefined) {
    out.uint32(18);
    const readAtAt = out.begin();
    writeTimestamp(out, given.readAt);
    out.end(readAtAt);
  }
}

export function readGetFeaturesResponse(input: ProtoReader): GetFeaturesResponse {
  const features = new Map<string, FeatureValue>();
  let readAt: Timestamp | undefined;
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        input.within((entry) => {
          let key = '';
          let one: FeatureValue | undefined;
          for (let inner = entry.tag(); inner !== 0; inner = entry.tag()) {
            if (inner === 10) key = entry.string();
            else if (inner === 18) one = entry.within(readFeatureValue);
            else entry.skip(inner);
          }
          if (one !== undefined) features.set(key, one);
        });
        break;
      case 18:
        readAt = input.within(readTimestamp);
        break;
      default:
        input.skip(tag);
    }
  }
  return { features, readAt };
}

export interface BatchGetFeaturesRequest {
  /** As in GetFeaturesRequest. The same entity twice is answered once. */
  readonly entityIds: readonly string[];
  readonly featureNames: readonly string[];
  readonly service: string;
  readonly serviceVersion: number;
  /** Instead of entity_ids: the join keys of each row. */
  readonly keys: readonly Inputs[];
  /** Of each row, or one for all. */
  readonly request: readonly Inputs[];
  readonly withEventTimes: boolean;
}

export interface BatchGetFeaturesRequestGiven {
  readonly entityIds?: readonly string[] | undefined;
  readonly featureNames?: readonly string[] | undefined;
  readonly service?: string | undefined;
  readonly serviceVersion?: number | undefined;
  readonly keys?: readonly InputsGiven[] | undefined;
  readonly request?: readonly InputsGiven[] | undefined;
  readonly withEventTimes?: boolean | undefined;
}

export function writeBatchGetFeaturesRequest(out: ProtoWriter, given: BatchGetFeaturesRequestGiven): void {
  for (const one of given.entityIds ?? []) {
    out.uint32(10);
    out.string(one);
  }
  for (const one of given.featureNames ?? []) {
    out.uint32(18);
    out.string(one);
  }
  if (given.service !== undefined && given.service !== '') {
    out.uint32(26);
    out.string(given.service);
  }
  if (given.serviceVersion !== undefined && given.serviceVersion !== 0) {
    out.uint32(32);
    out.int64(given.serviceVersion);
  }
  for (const one of given.keys ?? []) {
    out.uint32(42);
    const keysAt = out.begin();
    writeInputs(out, one);
    out.end(keysAt);
  }
  for (const one of given.request ?? []) {
    out.uint32(50);
    const requestAt = out.begin();
    writeInputs(out, one);
    out.end(requestAt);
  }
  if (given.withEventTimes !== undefined && given.withEventTimes !== false) {
    out.uint32(56);
    out.uint32(given.withEventTimes ? 1 : 0);
  }
}

export function readBatchGetFeaturesRequest(input: ProtoReader): BatchGetFeaturesRequest {
  const entityIds: string[] = [];
  const featureNames: string[] = [];
  let service: string = '';
  let serviceVersion: number = 0;
  const keys: Inputs[] = [];
  const request: Inputs[] = [];
  let withEventTimes: boolean = false;
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        entityIds.push(input.string());
        break;
      case 18:
        featureNames.push(input.string());
        break;
      case 26:
        service = input.string();
        break;
      case 32:
        serviceVersion = input.int32();
        break;
      case 42:
        keys.push(input.within(readInputs));
        break;
      case 50:
        request.push(input.within(readInputs));
        break;
      case 56:
        withEventTimes = input.bool();
        break;
      default:
        input.skip(tag);
    }
  }
  return { entityIds, featureNames, service, serviceVersion, keys, request, withEventTimes };
}

export interface BatchGetFeaturesResponse {
  /** By entity_id, where these were asked for. */
  readonly features: ReadonlyMap<string, EntityFeatures>;
  /** Along `keys`, where these were asked for. */
  readonly rows: readonly EntityFeatures[];
  readonly readAt: Timestamp | undefined;
  /** Of a batch in a stream: why it is not answered. */
  readonly failure: Failure | undefined;
}

export interface BatchGetFeaturesResponseGiven {
  readonly features?: ReadonlyMap<string, EntityFeaturesGiven> | undefined;
  readonly rows?: readonly EntityFeaturesGiven[] | undefined;
  readonly readAt?: TimestampGiven | undefined;
  readonly failure?: FailureGiven | undefined;
}

export function writeBatchGetFeaturesResponse(out: ProtoWriter, given: BatchGetFeaturesResponseGiven): void {
  for (const [key, one] of given.features ?? []) {
    out.uint32(10);
    const entry = out.begin();
    out.uint32(10);
    out.string(key);
    out.uint32(18);
    const featuresAt = out.begin();
    writeEntityFeatures(out, one);
    out.end(featuresAt);
    out.end(entry);
  }
  for (const one of given.rows ?? []) {
    out.uint32(18);
    const rowsAt = out.begin();
    writeEntityFeatures(out, one);
    out.end(rowsAt);
  }
  if (given.readAt !== undefined) {
    out.uint32(26);
    const readAtAt = out.begin();
    writeTimestamp(out, given.readAt);
    out.end(readAtAt);
  }
  if (given.failure !== undefined) {
    out.uint32(34);
    const failureAt = out.begin();
    writeFailure(out, given.failure);
    out.end(failureAt);
  }
}

export function readBatchGetFeaturesResponse(input: ProtoReader): BatchGetFeaturesResponse {
  const features = new Map<string, EntityFeatures>();
  const rows: EntityFeatures[] = [];
  let readAt: Timestamp | undefined;
  let failure: Failure | undefined;
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        input.within((entry) => {
          let key = '';
          let one: EntityFeatures | undefined;
          for (let inner = entry.tag(); inner !== 0; inner = entry.tag()) {
            if (inner === 10) key = entry.string();
            else if (inner === 18) one = entry.within(readEntityFeatures);
            else entry.skip(inner);
          }
          if (one !== undefined) features.set(key, one);
        });
        break;
      case 18:
        rows.push(input.within(readEntityFeatures));
        break;
      case 26:
        readAt = input.within(readTimestamp);
        break;
      case 34:
        failure = input.within(readFailure);
        break;
      default:
        input.skip(tag);
    }
  }
  return { features, rows, readAt, failure };
}

export interface EntityFeatures {
  readonly features: ReadonlyMap<string, FeatureValue>;
}

export interface EntityFeaturesGiven {
  readonly features?: ReadonlyMap<string, FeatureValueGiven> | undefined;
}

export function writeEntityFeatures(out: ProtoWriter, given: EntityFeaturesGiven): void {
  for (const [key, one] of given.features ?? []) {
    out.uint32(10);
    const entry = out.begin();
    out.uint32(10);
    out.string(key);
    out.uint32(18);
    const featuresAt = out.begin();
    writeFeatureValue(out, one);
    out.end(featuresAt);
    out.end(entry);
  }
}

export function readEntityFeatures(input: ProtoReader): EntityFeatures {
  const features = new Map<string, FeatureValue>();
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        input.within((entry) => {
          let key = '';
          let one: FeatureValue | undefined;
          for (let inner = entry.tag(); inner !== 0; inner = entry.tag()) {
            if (inner === 10) key = entry.string();
            else if (inner === 18) one = entry.within(readFeatureValue);
            else entry.skip(inner);
          }
          if (one !== undefined) features.set(key, one);
        });
        break;
      default:
        input.skip(tag);
    }
  }
  return { features };
}

export interface Inputs {
  readonly values: ReadonlyMap<string, FeatureValue>;
}

export interface InputsGiven {
  readonly values?: ReadonlyMap<string, FeatureValueGiven> | undefined;
}

export function writeInputs(out: ProtoWriter, given: InputsGiven): void {
  for (const [key, one] of given.values ?? []) {
    out.uint32(10);
    const entry = out.begin();
    out.uint32(10);
    out.string(key);
    out.uint32(18);
    const valuesAt = out.begin();
    writeFeatureValue(out, one);
    out.end(valuesAt);
    out.end(entry);
  }
}

export function readInputs(input: ProtoReader): Inputs {
  const values = new Map<string, FeatureValue>();
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        input.within((entry) => {
          let key = '';
          let one: FeatureValue | undefined;
          for (let inner = entry.tag(); inner !== 0; inner = entry.tag()) {
            if (inner === 10) key = entry.string();
            else if (inner === 18) one = entry.within(readFeatureValue);
            else entry.skip(inner);
          }
          if (one !== undefined) values.set(key, one);
        });
        break;
      default:
        input.skip(tag);
    }
  }
  return { values };
}

/** Without a value where there is none; its status says why. int32 and int64 are int_value, decimals string_value. */
export interface FeatureValue {
  readonly intValue: Integer | undefined;
  readonly doubleValue: number | undefined;
  readonly stringValue: string | undefined;
  readonly boolValue: boolean | undefined;
  readonly timestampValue: Timestamp | undefined;
  readonly vectorValue: Vector | undefined;
  readonly listValue: ValueList | undefined;
  readonly mapValue: ValueMap | undefined;
  readonly status: number;
  /** Whether the value is, or is made of, a declared default. */
  readonly defaulted: boolean;
  readonly eventTime: Timestamp | undefined;
}

export interface FeatureValueGiven {
  readonly intValue?: Integer | undefined;
  readonly doubleValue?: number | undefined;
  readonly stringValue?: string | undefined;
  readonly boolValue?: boolean | undefined;
  readonly timestampValue?: TimestampGiven | undefined;
  readonly vectorValue?: VectorGiven | undefined;
  readonly listValue?: ValueListGiven | undefined;
  readonly mapValue?: ValueMapGiven | undefined;
  readonly status?: number | undefined;
  readonly defaulted?: boolean | undefined;
  readonly eventTime?: TimestampGiven | undefined;
}

export function writeFeatureValue(out: ProtoWriter, given: FeatureValueGiven): void {
  if (given.intValue !== undefined) {
    out.uint32(8);
    out.int64(given.intValue);
  }
  if (given.doubleValue !== undefined) {
    out.uint32(17);
    out.double(given.doubleValue);
  }
  if (given.stringValue !== undefined) {
    out.uint32(26);
    out.string(given.stringValue);
  }
  if (given.boolValue !== undefined) {
    out.uint32(32);
    out.uint32(given.boolValue ? 1 : 0);
  }
  if (given.timestampValue !== undefined) {
    out.uint32(42);
    const timestampValueAt = out.begin();
    writeTimestamp(out, given.timestampValue);
    out.end(timestampValueAt);
  }
  if (given.vectorValue !== undefined) {
    out.uint32(50);
    const vectorValueAt = out.begin();
    writeVector(out, given.vectorValue);
    out.end(vectorValueAt);
  }
  if (given.listValue !== undefined) {
    out.uint32(58);
    const listValueAt = out.begin();
    writeValueList(out, given.listValue);
    out.end(listValueAt);
  }
  if (given.mapValue !== undefined) {
    out.uint32(66);
    const mapValueAt = out.begin();
    writeValueMap(out, given.mapValue);
    out.end(mapValueAt);
  }
  if (given.status !== undefined && given.status !== 0) {
    out.uint32(72);
    out.uint32(given.status);
  }
  if (given.defaulted !== undefined && given.defaulted !== false) {
    out.uint32(80);
    out.uint32(given.defaulted ? 1 : 0);
  }
  if (given.eventTime !== undefined) {
    out.uint32(90);
    const eventTimeAt = out.begin();
    writeTimestamp(out, given.eventTime);
    out.end(eventTimeAt);
  }
}

export function readFeatureValue(input: ProtoReader): FeatureValue {
  let intValue: Integer | undefined;
  let doubleValue: number | undefined;
  let stringValue: string | undefined;
  let boolValue: boolean | undefined;
  let timestampValue: Timestamp | undefined;
  let vectorValue: Vector | undefined;
  let listValue: ValueList | undefined;
  let mapValue: ValueMap | undefined;
  let status: number = 0;
  let defaulted: boolean = false;
  let eventTime: Timestamp | undefined;
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 8:
        intValue = input.int64();
        doubleValue = stringValue = boolValue = timestampValue = vectorValue = listValue = mapValue = undefined;
        break;
      case 17:
        doubleValue = input.double();
        intValue = stringValue = boolValue = timestampValue = vectorValue = listValue = mapValue = undefined;
        break;
      case 26:
        stringValue = input.string();
        intValue = doubleValue = boolValue = timestampValue = vectorValue = listValue = mapValue = undefined;
        break;
      case 32:
        boolValue = input.bool();
        intValue = doubleValue = stringValue = timestampValue = vectorValue = listValue = mapValue = undefined;
        break;
      case 42:
        timestampValue = input.within(readTimestamp);
        intValue = doubleValue = stringValue = boolValue = vectorValue = listValue = mapValue = undefined;
        break;
      case 50:
        vectorValue = input.within(readVector);
        intValue = doubleValue = stringValue = boolValue = timestampValue = listValue = mapValue = undefined;
        break;
      case 58:
        listValue = input.within(readValueList);
        intValue = doubleValue = stringValue = boolValue = timestampValue = vectorValue = mapValue = undefined;
        break;
      case 66:
        mapValue = input.within(readValueMap);
        intValue = doubleValue = stringValue = boolValue = timestampValue = vectorValue = listValue = undefined;
        break;
      case 72:
        status = input.uint32();
        break;
      case 80:
        defaulted = input.bool();
        break;
      case 90:
        eventTime = input.within(readTimestamp);
        break;
      default:
        input.skip(tag);
    }
  }
  return { intValue, doubleValue, stringValue, boolValue, timestampValue, vectorValue, listValue, mapValue, status, defaulted, eventTime };
}

export interface Vector {
  readonly values: readonly number[];
}

export interface VectorGiven {
  readonly values?: readonly number[] | undefined;
}

export function writeVector(out: ProtoWriter, given: VectorGiven): void {
  if (given.values !== undefined && given.values.length > 0) {
    out.uint32(10);
    const packed = out.begin();
    for (const one of given.values) out.double(one);
    out.end(packed);
  }
}

export function readVector(input: ProtoReader): Vector {
  const values: number[] = [];
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        input.within((packed) => {
          while (packed.hasMore) values.push(packed.double());
        });
        break;
      case 9:
        values.push(input.double());
        break;
      default:
        input.skip(tag);
    }
  }
  return { values };
}

export interface ValueList {
  readonly values: readonly FeatureValue[];
}

export interface ValueListGiven {
  readonly values?: readonly FeatureValueGiven[] | undefined;
}

export function writeValueList(out: ProtoWriter, given: ValueListGiven): void {
  for (const one of given.values ?? []) {
    out.uint32(10);
    const valuesAt = out.begin();
    writeFeatureValue(out, one);
    out.end(valuesAt);
  }
}

export function readValueList(input: ProtoReader): ValueList {
  const values: FeatureValue[] = [];
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        values.push(input.within(readFeatureValue));
        break;
      default:
        input.skip(tag);
    }
  }
  return { values };
}

export interface ValueMap {
  readonly values: ReadonlyMap<string, FeatureValue>;
}

export interface ValueMapGiven {
  readonly values?: ReadonlyMap<string, FeatureValueGiven> | undefined;
}

export function writeValueMap(out: ProtoWriter, given: ValueMapGiven): void {
  for (const [key, one] of given.values ?? []) {
    out.uint32(10);
    const entry = out.begin();
    out.uint32(10);
    out.string(key);
    out.uint32(18);
    const valuesAt = out.begin();
    writeFeatureValue(out, one);
    out.end(valuesAt);
    out.end(entry);
  }
}

export function readValueMap(input: ProtoReader): ValueMap {
  const values = new Map<string, FeatureValue>();
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        input.within((entry) => {
          let key = '';
          let one: FeatureValue | undefined;
          for (let inner = entry.tag(); inner !== 0; inner = entry.tag()) {
            if (inner === 10) key = entry.string();
            else if (inner === 18) one = entry.within(readFeatureValue);
            else entry.skip(inner);
          }
          if (one !== undefined) values.set(key, one);
        });
        break;
      default:
        input.skip(tag);
    }
  }
  return { values };
}

/** As the status of a call that fails. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly path: string;
}

export interface FailureGiven {
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  readonly path?: string | undefined;
}

export function writeFailure(out: ProtoWriter, given: FailureGiven): void {
  if (given.code !== undefined && given.code !== '') {
    out.uint32(10);
    out.string(given.code);
  }
  if (given.message !== undefined && given.message !== '') {
    out.uint32(18);
    out.string(given.message);
  }
  if (given.path !== undefined && given.path !== '') {
    out.uint32(26);
    out.string(given.path);
  }
}

export function readFailure(input: ProtoReader): Failure {
  let code: string = '';
  let message: string = '';
  let path: string = '';
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        code = input.string();
        break;
      case 18:
        message = input.string();
        break;
      case 26:
        path = input.string();
        break;
      default:
        input.skip(tag);
    }
  }
  return { code, message, path };
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

export const featureStoreMethods = {
  getFeatures: {
    path: '/FeatureStore/GetFeatures',
    requestStream: false,
    responseStream: false,
    readRequest: readGetFeaturesRequest,
    writeRequest: writeGetFeaturesRequest,
    readResponse: readGetFeaturesResponse,
    writeResponse: writeGetFeaturesResponse,
  } satisfies GrpcMethod<GetFeaturesRequest, GetFeaturesRequestGiven, GetFeaturesResponse, GetFeaturesResponseGiven>,
  batchGetFeatures: {
    path: '/FeatureStore/BatchGetFeatures',
    requestStream: false,
    responseStream: false,
    readRequest: readBatchGetFeaturesRequest,
    writeRequest: writeBatchGetFeaturesRequest,
    readResponse: readBatchGetFeaturesResponse,
    writeResponse: writeBatchGetFeaturesResponse,
  } satisfies GrpcMethod<BatchGetFeaturesRequest, BatchGetFeaturesRequestGiven, BatchGetFeaturesResponse, BatchGetFeaturesResponseGiven>,
  streamFeatures: {
    path: '/FeatureStore/StreamFeatures',
    requestStream: true,
    responseStream: true,
    readRequest: readBatchGetFeaturesRequest,
    writeRequest: writeBatchGetFeaturesRequest,
    readResponse: readBatchGetFeaturesResponse,
    writeResponse: writeBatchGetFeaturesResponse,
  } satisfies GrpcMethod<BatchGetFeaturesRequest, BatchGetFeaturesRequestGiven, BatchGetFeaturesResponse, BatchGetFeaturesResponseGiven>,
};

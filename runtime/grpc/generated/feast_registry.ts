// Written by `npm run codegen` from cli/import/feast/protos/registry.proto.

import type { Integer } from '../../../core/values/integers.ts';
import type { ProtoReader } from '../proto-reader.ts';
import type { ProtoWriter } from '../proto-writer.ts';

export interface Registry {
  readonly entities: readonly Entity[];
  readonly featureViews: readonly FeatureView[];
  readonly featureServices: readonly FeatureService[];
  readonly onDemandFeatureViews: readonly OnDemandFeatureView[];
  readonly streamFeatureViews: readonly StreamFeatureView[];
  readonly labelViews: readonly LabelView[];
}

export interface RegistryGiven {
  readonly entities?: readonly EntityGiven[] | undefined;
  readonly featureViews?: readonly FeatureViewGiven[] | undefined;
  readonly featureServices?: readonly FeatureServiceGiven[] | undefined;
  readonly onDemandFeatureViews?: readonly OnDemandFeatureViewGiven[] | undefined;
  readonly streamFeatureViews?: readonly StreamFeatureViewGiven[] | undefined;
  readonly labelViews?: readonly LabelViewGiven[] | undefined;
}

export function writeRegistry(out: ProtoWriter, given: RegistryGiven): void {
  for (const one of given.entities ?? []) {
    out.uint32(10);
    const entitiesAt = out.begin();
    writeEntity(out, one);
    out.end(entitiesAt);
  }
  for (const one of given.featureViews ?? []) {
    out.uint32(50);
    const featureViewsAt = out.begin();
    writeFeatureView(out, one);
    out.end(featureViewsAt);
  }
  for (const one of given.featureServices ?? []) {
    out.uint32(58);
    const featureServicesAt = out.begin();
    writeFeatureService(out, one);
    out.end(featureServicesAt);
  }
  for (const one of given.onDemandFeatureViews ?? []) {
    out.uint32(66);
    const onDemandFeatureViewsAt = out.begin();
    writeOnDemandFeatureView(out, one);
    out.end(onDemandFeatureViewsAt);
  }
  for (const one of given.streamFeatureViews ?? []) {
    out.uint32(114);
    const streamFeatureViewsAt = out.begin();
    writeStreamFeatureView(out, one);
    out.end(streamFeatureViewsAt);
  }
  for (const one of given.labelViews ?? []) {
    out.uint32(154);
    const labelViewsAt = out.begin();
    writeLabelView(out, one);
    out.end(labelViewsAt);
  }
}

export function readRegistry(input: ProtoReader): Registry {
  const entities: Entity[] = [];
  const featureViews: FeatureView[] = [];
  const featureServices: FeatureService[] = [];
  const onDemandFeatureViews: OnDemandFeatureView[] = [];
  const streamFeatureViews: StreamFeatureView[] = [];
  const labelViews: LabelView[] = [];
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        entities.push(input.within(readEntity));
        break;
      case 50:
        featureViews.push(input.within(readFeatureView));
        break;
      case 58:
        featureServices.push(input.within(readFeatureService));
        break;
      case 66:
        onDemandFeatureViews.push(input.within(readOnDemandFeatureView));
        break;
      case 114:
        streamFeatureViews.push(input.within(readStreamFeatureView));
        break;
      case 154:
        labelViews.push(input.within(readLabelView));
        break;
      default:
        input.skip(tag);
    }
  }
  return { entities, featureViews, featureServices, onDemandFeatureViews, streamFeatureViews, labelViews };
}

export interface Entity {
  readonly spec: EntitySpec | undefined;
}

export interface EntityGiven {
  readonly spec?: EntitySpecGiven | undefined;
}

export function writeEntity(out: ProtoWriter, given: EntityGiven): void {
  if (given.spec !== undefined) {
    out.uint32(10);
    const specAt = out.begin();
    writeEntitySpec(out, given.spec);
    out.end(specAt);
  }
}

export function readEntity(input: ProtoReader): Entity {
  let spec: EntitySpec | undefined;
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        spec = input.within(readEntitySpec);
        break;
      default:
        input.skip(tag);
    }
  }
  return { spec };
}

export interface EntitySpec {
  readonly name: string;
  readonly description: string;
  readonly joinKey: string;
  readonly owner: string;
}

export interface EntitySpecGiven {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly joinKey?: string | undefined;
  readonly owner?: string | undefined;
}

export function writeEntitySpec(out: ProtoWriter, given: EntitySpecGiven): void {
  if (given.name !== undefined && given.name !== '') {
    out.uint32(10);
    out.string(given.name);
  }
  if (given.description !== undefined && given.description !== '') {
    out.uint32(26);
    out.string(given.description);
  }
  if (given.joinKey !== undefined && given.joinKey !== '') {
    out.uint32(34);
    out.string(given.joinKey);
  }
  if (given.owner !== undefined && given.owner !== '') {
    out.uint32(82);
    out.string(given.owner);
  }
}

export function readEntitySpec(input: ProtoReader): EntitySpec {
  let name: string = '';
  let description: string = '';
  let joinKey: string = '';
  let owner: string = '';
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        name = input.string();
        break;
      case 26:
        description = input.string();
        break;
      case 34:
        joinKey = input.string();
        break;
      case 82:
        owner = input.string();
        break;
      default:
        input.skip(tag);
    }
  }
  return { name, description, joinKey, owner };
}

export interface FeatureView {
  readonly spec: FeatureViewSpec | undefined;
}

export interface FeatureViewGiven {
  readonly spec?: FeatureViewSpecGiven | undefined;
}

export function writeFeatureView(out: ProtoWriter, given: FeatureViewGiven): void {
  if (given.spec !== undefined) {
    out.uint32(10);
    const specAt = out.begin();
    writeFeatureViewSpec(out, given.spec);
    out.end(specAt);
  }
}

export function readFeatureView(input: ProtoReader): FeatureView {
  let spec: FeatureViewSpec | undefined;
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        spec = input.within(readFeatureViewSpec);
        break;
      default:
        input.skip(tag);
    }
  }
  return { spec };
}

export interface FeatureViewSpec {
  readonly name: string;
  readonly entities: readonly string[];
  readonly features: readonly FeatureSpec[];
  readonly ttl: Duration | undefined;
  readonly batchSource: DataSource | undefined;
  readonly online: boolean;
  readonly streamSource: DataSource | undefined;
  readonly description: string;
  readonly owner: string;
  readonly entityColumns: readonly FeatureSpec[];
  readonly featureTransformation: FeatureTransformation | undefined;
}

export interface FeatureViewSpecGiven {
  readonly name?: string | undefined;
  readonly entities?: readonly string[] | undefined;
  readonly features?: readonly FeatureSpecGiven[] | undefined;
  readonly ttl?: DurationGiven | undefined;
  readonly batchSource?: DataSourceGiven | undefined;
  readonly online?: boolean | undefined;
  readonly streamSource?: DataSourceGiven | undefined;
  readonly description?: string | undefined;
  readonly owner?: string | undefined;
  readonly entityColumns?: readonly FeatureSpecGiven[] | undefined;
  readonly featureTransformation?: FeatureTransformationGiven | undefined;
}

export function writeFeatureViewSpec(out: ProtoWriter, given: FeatureViewSpecGiven): void {
  if (given.name !== undefined && given.name !== '') {
    out.uint32(10);
    out.string(given.name);
  }
  for (const one of given.entities ?? []) {
    out.uint32(26);
    out.string(one);
  }
  for (const one of given.features ?? []) {
    out.uint32(34);
    const featuresAt = out.begin();
    writeFeatureSpec(out, one);
    out.end(featuresAt);
  }
  if (given.ttl !== undefined) {
    out.uint32(50);
    const ttlAt = out.begin();
    writeDuration(out, given.ttl);
    out.end(ttlAt);
  }
  if (given.batchSource !== undefined) {
    out.uint32(58);
    const batchSourceAt = out.begin();
    writeDataSource(out, given.batchSource);
    out.end(batchSourceAt);
  }
  if (given.online !== undefined && given.online !== false) {
    out.uint32(64);
    out.uint32(given.online ? 1 : 0);
  }
  if (given.streamSource !== undefined) {
    out.uint32(74);
    const streamSourceAt = out.begin();
    writeDataSource(out, given.streamSource);
    out.end(streamSourceAt);
  }
  if (given.description !== undefined && given.description !== '') {
    out.uint32(82);
    out.string(given.description);
  }
  if (given.owner !== undefined && given.owner !== '') {
    out.uint32(90);
    out.string(given.owner);
  }
  for (const one of given.entityColumns ?? []) {
    out.uint32(98);
    const entityColumnsAt = out.begin();
    writeFeatureSpec(out, one);
    out.end(entityColumnsAt);
  }
  if (given.featureTransformation !== undefined) {
    out.uint32(122);
    const featureTransformationAt = out.begin();
    writeFeatureTransformation(out, given.featureTransformation);
    out.end(featureTransformationAt);
  }
}

export function readFeatureViewSpec(input: ProtoReader): FeatureViewSpec {
  let name: string = '';
  const entities: string[] = [];
  const features: FeatureSpec[] = [];
  let ttl: Duration | undefined;
  let batchSource: DataSource | undefined;
  let online: boolean = false;
  let streamSource: DataSource | undefined;
  let description: string = '';
  let owner: string = '';
  const entityColumns: FeatureSpec[] = [];
  let featureTransformation: FeatureTransformation | undefined;
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        name = input.string();
        break;
      case 26:
        entities.push(input.string());
        break;
      case 34:
        features.push(input.within(readFeatureSpec));
        break;
      case 50:
        ttl = input.within(readDuration);
        break;
      case 58:
        batchSource = input.within(readDataSource);
        break;
      case 64:
        online = input.bool();
        break;
      case 74:
        streamSource = input.within(readDataSource);
        break;
      case 82:
        description = input.string();
        break;
      case 90:
        owner = input.string();
        break;
      case 98:
        entityColumns.push(input.within(readFeatureSpec));
        break;
      case 122:
        featureTransformation = input.within(readFeatureTransformation);
        break;
      default:
        input.skip(tag);
    }
  }
  return { name, entities, features, ttl, batchSource, online, streamSource, description, owner, entityColumns, featureTransformation };
}

export interface FeatureSpec {
  readonly name: string;
  readonly valueType: number;
  readonly description: string;
  readonly vectorLength: number;
}

export interface FeatureSpecGiven {
  readonly name?: string | undefined;
  readonly valueType?: number | undefined;
  readonly description?: string | undefined;
  readonly vectorLength?: number | undefined;
}

export function writeFeatureSpec(out: ProtoWriter, given: FeatureSpecGiven): void {
  if (given.name !== undefined && given.name !== '') {
    out.uint32(10);
    out.string(given.name);
  }
  if (given.valueType !== undefined && given.valueType !== 0) {
    out.uint32(16);
    out.int64(given.valueType);
  }
  if (given.description !== undefined && given.description !== '') {
    out.uint32(34);
    out.string(given.description);
  }
  if (given.vectorLength !== undefined && given.vectorLength !== 0) {
    out.uint32(56);
    out.int64(given.vectorLength);
  }
}

export function readFeatureSpec(input: ProtoReader): FeatureSpec {
  let name: string = '';
  let valueType: number = 0;
  let description: string = '';
  let vectorLength: number = 0;
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        name = input.string();
        break;
      case 16:
        valueType = input.int32();
        break;
      case 34:
        description = input.string();
        break;
      case 56:
        vectorLength = input.int32();
        break;
      default:
        input.skip(tag);
    }
  }
  return { name, valueType, description, vectorLength };
}

export interface Duration {
  readonly seconds: Integer;
  readonly nanos: number;
}

export interface DurationGiven {
  readonly seconds?: Integer | undefined;
  readonly nanos?: number | undefined;
}

export function writeDuration(out: ProtoWriter, given: DurationGiven): void {
  if (given.seconds !== undefined && given.seconds !== 0) {
    out.uint32(8);
    out.int64(given.seconds);
  }
  if (given.nanos !== undefined && given.nanos !== 0) {
    out.uint32(16);
    out.int64(given.nanos);
  }
}

export function readDuration(input: ProtoReader): Duration {
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

export interface DataSource {
  readonly type: number;
  readonly fieldMapping: ReadonlyMap<string, string>;
  readonly timestampField: string;
  readonly createdTimestampColumn: string;
  readonly fileOptions: FileOptions | undefined;
  readonly requestDataOptions: RequestDataOptions | undefined;
  readonly name: string;
  readonly batchSource: DataSource | undefined;
}

export interface DataSourceGiven {
  readonly type?: number | undefined;
  readonly fieldMapping?: ReadonlyMap<string, string> | undefined;
  readonly timestampField?: string | undefined;
  readonly createdTimestampColumn?: string | undefined;
  readonly fileOptions?: FileOptionsGiven | undefined;
  readonly requestDataOptions?: RequestDataOptionsGiven | undefined;
  readonly name?: string | undefined;
  readonly batchSource?: DataSourceGiven | undefined;
}

export function writeDataSource(out: ProtoWriter, given: DataSourceGiven): void {
  if (given.type !== undefined && given.type !== 0) {
    out.uint32(8);
    out.int64(given.type);
  }
  for (const [key, one] of given.fieldMapping ?? []) {
    out.uint32(18);
    const entry = out.begin();
    out.uint32(10);
    out.string(key);
    out.uint32(18);
    out.string(one);
    out.end(entry);
  }
  if (given.timestampField !== undefined && given.timestampField !== '') {
    out.uint32(26);
    out.string(given.timestampField);
  }
  if (given.createdTimestampColumn !== undefined && given.createdTimestampColumn !== '') {
    out.uint32(42);
    out.string(given.createdTimestampColumn);
  }
  if (given.fileOptions !== undefined) {
    out.uint32(90);
    const fileOptionsAt = out.begin();
    writeFileOptions(out, given.fileOptions);
    out.end(fileOptionsAt);
  }
  if (given.requestDataOptions !== undefined) {
    out.uint32(146);
    const requestDataOptionsAt = out.begin();
    writeRequestDataOptions(out, given.requestDataOptions);
    out.end(requestDataOptionsAt);
  }
  if (given.name !== undefined && given.name !== '') {
    out.uint32(162);
    out.string(given.name);
  }
  if (given.batchSource !== undefined) {
    out.uint32(210);
    const batchSourceAt = out.begin();
    writeDataSource(out, given.batchSource);
    out.end(batchSourceAt);
  }
}

export function readDataSource(input: ProtoReader): DataSource {
  let type: number = 0;
  const fieldMapping = new Map<string, string>();
  let timestampField: string = '';
  let createdTimestampColumn: string = '';
  let fileOptions: FileOptions | undefined;
  let requestDataOptions: RequestDataOptions | undefined;
  let name: string = '';
  let batchSource: DataSource | undefined;
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 8:
        type = input.int32();
        break;
      case 18:
        input.within((entry) => {
          let key = '';
          let one: string = '';
          for (let inner = entry.tag(); inner !== 0; inner = entry.tag()) {
            if (inner === 10) key = entry.string();
            else if (inner === 18) one = entry.string();
            else entry.skip(inner);
          }
          fieldMapping.set(key, one);
        });
        break;
      case 26:
        timestampField = input.string();
        break;
      case 42:
        createdTimestampColumn = input.string();
        break;
      case 90:
        fileOptions = input.within(readFileOptions);
        break;
      case 146:
        requestDataOptions = input.within(readRequestDataOptions);
        break;
      case 162:
        name = input.string();
        break;
      case 210:
        batchSource = input.within(readDataSource);
        break;
      default:
        input.skip(tag);
    }
  }
  return { type, fieldMapping, timestampField, createdTimestampColumn, fileOptions, requestDataOptions, name, batchSource };
}

export interface FileOptions {
  readonly uri: string;
}

export interface FileOptionsGiven {
  readonly uri?: string | undefined;
}

export function writeFileOptions(out: ProtoWriter, given: FileOptionsGiven): void {
  if (given.uri !== undefined && given.uri !== '') {
    out.uint32(18);
    out.string(given.uri);
  }
}

export function readFileOptions(input: ProtoReader): FileOptions {
  let uri: string = '';
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 18:
        uri = input.string();
        break;
      default:
        input.skip(tag);
    }
  }
  return { uri };
}

export interface RequestDataOptions {
  readonly schema: readonly FeatureSpec[];
}

export interface RequestDataOptionsGiven {
  readonly schema?: readonly FeatureSpecGiven[] | undefined;
}

export function writeRequestDataOptions(out: ProtoWriter, given: RequestDataOptionsGiven): void {
  for (const one of given.schema ?? []) {
    out.uint32(26);
    const schemaAt = out.begin();
    writeFeatureSpec(out, one);
    out.end(schemaAt);
  }
}

export function readRequestDataOptions(input: ProtoReader): RequestDataOptions {
  const schema: FeatureSpec[] = [];
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 26:
        schema.push(input.within(readFeatureSpec));
        break;
      default:
        input.skip(tag);
    }
  }
  return { schema };
}

export interface OnDemandFeatureView {
  readonly spec: OnDemandFeatureViewSpec | undefined;
}

export interface OnDemandFeatureViewGiven {
  readonly spec?: OnDemandFeatureViewSpecGiven | undefined;
}

export function writeOnDemandFeatureView(out: ProtoWriter, given: OnDemandFeatureViewGiven): void {
  if (given.spec !== undefined) {
    out.uint32(10);
    const specAt = out.begin();
    writeOnDemandFeatureViewSpec(out, given.spec);
    out.end(specAt);
  }
}

export function readOnDemandFeatureView(input: ProtoReader): OnDemandFeatureView {
  let spec: OnDemandFeatureViewSpec | undefined;
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        spec = input.within(readOnDemandFeatureViewSpec);
        break;
      default:
        input.skip(tag);
    }
  }
  return { spec };
}

export interface OnDemandFeatureViewSpec {
  readonly name: string;
  readonly features: readonly FeatureSpec[];
  readonly sources: ReadonlyMap<string, OnDemandSource>;
  readonly userDefinedFunction: UserDefinedFunction | undefined;
  readonly description: string;
  readonly owner: string;
  readonly featureTransformation: FeatureTransformation | undefined;
  readonly mode: string;
}

export interface OnDemandFeatureViewSpecGiven {
  readonly name?: string | undefined;
  readonly features?: readonly FeatureSpecGiven[] | undefined;
  readonly sources?: ReadonlyMap<string, OnDemandSourceGiven> | undefined;
  readonly userDefinedFunction?: UserDefinedFunctionGiven | undefined;
  readonly description?: string | undefined;
  readonly owner?: string | undefined;
  readonly featureTransformation?: FeatureTransformationGiven | undefined;
  readonly mode?: string | undefined;
}

export function writeOnDemandFeatureViewSpec(out: ProtoWriter, given: OnDemandFeatureViewSpecGiven): void {
  if (given.name !== undefined && given.name !== '') {
    out.uint32(10);
    out.string(given.name);
  }
  for (const one of given.features ?? []) {
    out.uint32(26);
    const featuresAt = out.begin();
    writeFeatureSpec(out, one);
    out.end(featuresAt);
  }
  for (const [key, one] of given.sources ?? []) {
    out.uint32(34);
    const entry = out.begin();
    out.uint32(10);
    out.string(key);
    out.uint32(18);
    const sourcesAt = out.begin();
    writeOnDemandSource(out, one);
    out.end(sourcesAt);
    out.end(entry);
  }
  if (given.userDefinedFunction !== undefined) {
    out.uint32(42);
    const userDefinedFunctionAt = out.begin();
    writeUserDefinedFunction(out, given.userDefinedFunction);
    out.end(userDefinedFunctionAt);
  }
  if (given.description !== undefined && given.description !== '') {
    out.uint32(50);
    out.string(given.description);
  }
  if (given.owner !== undefined && given.owner !== '') {
    out.uint32(66);
    out.string(given.owner);
  }
  if (given.featureTransformation !== undefined) {
    out.uint32(82);
    const featureTransformationAt = out.begin();
    writeFeatureTransformation(out, given.featureTransformation);
    out.end(featureTransformationAt);
  }
  if (given.mode !== undefined && given.mode !== '') {
    out.uint32(90);
    out.string(given.mode);
  }
}

export function readOnDemandFeatureViewSpec(input: ProtoReader): OnDemandFeatureViewSpec {
  let name: string = '';
  const features: FeatureSpec[] = [];
  const sources = new Map<string, OnDemandSource>();
  let userDefinedFunction: UserDefinedFunction | undefined;
  let description: string = '';
  let owner: string = '';
  let featureTransformation: FeatureTransformation | undefined;
  let mode: string = '';
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        name = input.string();
        break;
      case 26:
        features.push(input.within(readFeatureSpec));
        break;
      case 34:
        input.within((entry) => {
          let key = '';
          let one: OnDemandSource | undefined;
          for (let inner = entry.tag(); inner !== 0; inner = entry.tag()) {
            if (inner === 10) key = entry.string();
            else if (inner === 18) one = entry.within(readOnDemandSource);
            else entry.skip(inner);
          }
          if (one !== undefined) sources.set(key, one);
        });
        break;
      case 42:
        userDefinedFunction = input.within(readUserDefinedFunction);
        break;
      case 50:
        description = input.string();
        break;
      case 66:
        owner = input.string();
        break;
      case 82:
        featureTransformation = input.within(readFeatureTransformation);
        break;
      case 90:
        mode = input.string();
        break;
      default:
        input.skip(tag);
    }
  }
  return { name, features, sources, userDefinedFunction, description, owner, featureTransformation, mode };
}

export interface OnDemandSource {
  readonly featureView: FeatureView | undefined;
  readonly requestDataSource: DataSource | undefined;
  readonly featureViewProjection: FeatureViewProjection | undefined;
}

export interface OnDemandSourceGiven {
  readonly featureView?: FeatureViewGiven | undefined;
  readonly requestDataSource?: DataSourceGiven | undefined;
  readonly featureViewProjection?: FeatureViewProjectionGiven | undefined;
}

export function writeOnDemandSource(out: ProtoWriter, given: OnDemandSourceGiven): void {
  if (given.featureView !== undefined) {
    out.uint32(10);
    const featureViewAt = out.begin();
    writeFeatureView(out, given.featureView);
    out.end(featureViewAt);
  }
  if (given.requestDataSource !== undefined) {
    out.uint32(18);
    const requestDataSourceAt = out.begin();
    writeDataSource(out, given.requestDataSource);
    out.end(requestDataSourceAt);
  }
  if (given.featureViewProjection !== undefined) {
    out.uint32(26);
    const featureViewProjectionAt = out.begin();
    writeFeatureViewProjection(out, given.featureViewProjection);
    out.end(featureViewProjectionAt);
  }
}

export function readOnDemandSource(input: ProtoReader): OnDemandSource {
  let featureView: FeatureView | undefined;
  let requestDataSource: DataSource | undefined;
  let featureViewProjection: FeatureViewProjection | undefined;
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        featureView = input.within(readFeatureView);
        break;
      case 18:
        requestDataSource = input.within(readDataSource);
        break;
      case 26:
        featureViewProjection = input.within(readFeatureViewProjection);
        break;
      default:
        input.skip(tag);
    }
  }
  return { featureView, requestDataSource, featureViewProjection };
}

export interface FeatureTransformation {
  readonly userDefinedFunction: UserDefinedFunction | undefined;
}

export interface FeatureTransformationGiven {
  readonly userDefinedFunction?: UserDefinedFunctionGiven | undefined;
}

export function writeFeatureTransformation(out: ProtoWriter, given: FeatureTransformationGiven): void {
  if (given.userDefinedFunction !== undefined) {
    out.uint32(10);
    const userDefinedFunctionAt = out.begin();
    writeUserDefinedFunction(out, given.userDefinedFunction);
    out.end(userDefinedFunctionAt);
  }
}

export function readFeatureTransformation(input: ProtoReader): FeatureTransformation {
  let userDefinedFunction: UserDefinedFunction | undefined;
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        userDefinedFunction = input.within(readUserDefinedFunction);
        break;
      default:
        input.skip(tag);
    }
  }
  return { userDefinedFunction };
}

export interface UserDefinedFunction {
  readonly name: string;
  readonly bodyText: string;
}

export interface UserDefinedFunctionGiven {
  readonly name?: string | undefined;
  readonly bodyText?: string | undefined;
}

export function writeUserDefinedFunction(out: ProtoWriter, given: UserDefinedFunctionGiven): void {
  if (given.name !== undefined && given.name !== '') {
    out.uint32(10);
    out.string(given.name);
  }
  if (given.bodyText !== undefined && given.bodyText !== '') {
    out.uint32(26);
    out.string(given.bodyText);
  }
}

export function readUserDefinedFunction(input: ProtoReader): UserDefinedFunction {
  let name: string = '';
  let bodyText: string = '';
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        name = input.string();
        break;
      case 26:
        bodyText = input.string();
        break;
      default:
        input.skip(tag);
    }
  }
  return { name, bodyText };
}

export interface FeatureService {
  readonly spec: FeatureServiceSpec | undefined;
}

export interface FeatureServiceGiven {
  readonly spec?: FeatureServiceSpecGiven | undefined;
}

export function writeFeatureService(out: ProtoWriter, given: FeatureServiceGiven): void {
  if (given.spec !== undefined) {
    out.uint32(10);
    const specAt = out.begin();
    writeFeatureServiceSpec(out, given.spec);
    out.end(specAt);
  }
}

export function readFeatureService(input: ProtoReader): FeatureService {
  let spec: FeatureServiceSpec | undefined;
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        spec = input.within(readFeatureServiceSpec);
        break;
      default:
        input.skip(tag);
    }
  }
  return { spec };
}

export interface FeatureServiceSpec {
  readonly name: string;
  readonly features: readonly FeatureViewProjection[];
  readonly description: string;
  readonly owner: string;
}

export interface FeatureServiceSpecGiven {
  readonly name?: string | undefined;
  readonly features?: readonly FeatureViewProjectionGiven[] | undefined;
  readonly description?: string | undefined;
  readonly owner?: string | undefined;
}

export function writeFeatureServiceSpec(out: ProtoWriter, given: FeatureServiceSpecGiven): void {
  if (given.name !== undefined && given.name !== '') {
    out.uint32(10);
    out.string(given.name);
  }
  for (const one of given.features ?? []) {
    out.uint32(26);
    const featuresAt = out.begin();
    writeFeatureViewProjection(out, one);
    out.end(featuresAt);
  }
  if (given.description !== undefined && given.description !== '') {
    out.uint32(42);
    out.string(given.description);
  }
  if (given.owner !== undefined && given.owner !== '') {
    out.uint32(50);
    out.string(given.owner);
  }
}

export function readFeatureServiceSpec(input: ProtoReader): FeatureServiceSpec {
  let name: string = '';
  const features: FeatureViewProjection[] = [];
  let description: string = '';
  let owner: string = '';
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        name = input.string();
        break;
      case 26:
        features.push(input.within(readFeatureViewProjection));
        break;
      case 42:
        description = input.string();
        break;
      case 50:
        owner = input.string();
        break;
      default:
        input.skip(tag);
    }
  }
  return { name, features, description, owner };
}

export interface FeatureViewProjection {
  readonly featureViewName: string;
  readonly featureColumns: readonly FeatureSpec[];
  readonly featureViewNameAlias: string;
  readonly joinKeyMap: ReadonlyMap<string, string>;
}

export interface FeatureViewProjectionGiven {
  readonly featureViewName?: string | undefined;
  readonly featureColumns?: readonly FeatureSpecGiven[] | undefined;
  readonly featureViewNameAlias?: string | undefined;
  readonly joinKeyMap?: ReadonlyMap<string, string> | undefined;
}

export function writeFeatureViewProjection(out: ProtoWriter, given: FeatureViewProjectionGiven): void {
  if (given.featureViewName !== undefined && given.featureViewName !== '') {
    out.uint32(10);
    out.string(given.featureViewName);
  }
  for (const one of given.featureColumns ?? []) {
    out.uint32(18);
    const featureColumnsAt = out.begin();
    writeFeatureSpec(out, one);
    out.end(featureColumnsAt);
  }
  if (given.featureViewNameAlias !== undefined && given.featureViewNameAlias !== '') {
    out.uint32(26);
    out.string(given.featureViewNameAlias);
  }
  for (const [key, one] of given.joinKeyMap ?? []) {
    out.uint32(34);
    const entry = out.begin();
    out.uint32(10);
    out.string(key);
    out.uint32(18);
    out.string(one);
    out.end(entry);
  }
}

export function readFeatureViewProjection(input: ProtoReader): FeatureViewProjection {
  let featureViewName: string = '';
  const featureColumns: FeatureSpec[] = [];
  let featureViewNameAlias: string = '';
  const joinKeyMap = new Map<string, string>();
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        featureViewName = input.string();
        break;
      case 18:
        featureColumns.push(input.within(readFeatureSpec));
        break;
      case 26:
        featureViewNameAlias = input.string();
        break;
      case 34:
        input.within((entry) => {
          let key = '';
          let one: string = '';
          for (let inner = entry.tag(); inner !== 0; inner = entry.tag()) {
            if (inner === 10) key = entry.string();
            else if (inner === 18) one = entry.string();
            else entry.skip(inner);
          }
          joinKeyMap.set(key, one);
        });
        break;
      default:
        input.skip(tag);
    }
  }
  return { featureViewName, featureColumns, featureViewNameAlias, joinKeyMap };
}

export interface StreamFeatureView {
  readonly spec: NamedSpec | undefined;
}

export interface StreamFeatureViewGiven {
  readonly spec?: NamedSpecGiven | undefined;
}

export function writeStreamFeatureView(out: ProtoWriter, given: StreamFeatureViewGiven): void {
  if (given.spec !== undefined) {
    out.uint32(10);
    const specAt = out.begin();
    writeNamedSpec(out, given.spec);
    out.end(specAt);
  }
}

export function readStreamFeatureView(input: ProtoReader): StreamFeatureView {
  let spec: NamedSpec | undefined;
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        spec = input.within(readNamedSpec);
        break;
      default:
        input.skip(tag);
    }
  }
  return { spec };
}

export interface LabelView {
  readonly spec: NamedSpec | undefined;
}

export interface LabelViewGiven {
  readonly spec?: NamedSpecGiven | undefined;
}

export function writeLabelView(out: ProtoWriter, given: LabelViewGiven): void {
  if (given.spec !== undefined) {
    out.uint32(10);
    const specAt = out.begin();
    writeNamedSpec(out, given.spec);
    out.end(specAt);
  }
}

export function readLabelView(input: ProtoReader): LabelView {
  let spec: NamedSpec | undefined;
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        spec = input.within(readNamedSpec);
        break;
      default:
        input.skip(tag);
    }
  }
  return { spec };
}

export interface NamedSpec {
  readonly name: string;
}

export interface NamedSpecGiven {
  readonly name?: string | undefined;
}

export function writeNamedSpec(out: ProtoWriter, given: NamedSpecGiven): void {
  if (given.name !== undefined && given.name !== '') {
    out.uint32(10);
    out.string(given.name);
  }
}

export function readNamedSpec(input: ProtoReader): NamedSpec {
  let name: string = '';
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        name = input.string();
        break;
      default:
        input.skip(tag);
    }
  }
  return { name };
}

// Written by `npm run codegen` from runtime/grpc/protos/reflection.proto.

import type { GrpcMethod } from '../grpc-method.ts';
import type { ProtoReader } from '../proto-reader.ts';
import type { ProtoWriter } from '../proto-writer.ts';

export interface ServerReflectionRequest {
  readonly host: string;
  readonly fileByFilename: string | undefined;
  readonly fileContainingSymbol: string | undefined;
  readonly fileContainingExtension: ExtensionRequest | undefined;
  readonly allExtensionNumbersOfType: string | undefined;
  readonly listServices: string | undefined;
}

export interface ServerReflectionRequestGiven {
  readonly host?: string | undefined;
  readonly fileByFilename?: string | undefined;
  readonly fileContainingSymbol?: string | undefined;
  readonly fileContainingExtension?: ExtensionRequestGiven | undefined;
  readonly allExtensionNumbersOfType?: string | undefined;
  readonly listServices?: string | undefined;
}

export function writeServerReflectionRequest(out: ProtoWriter, given: ServerReflectionRequestGiven): void {
  if (given.host !== undefined && given.host !== '') {
    out.uint32(10);
    out.string(given.host);
  }
  if (given.fileByFilename !== undefined) {
    out.uint32(26);
    out.string(given.fileByFilename);
  }
  if (given.fileContainingSymbol !== undefined) {
    out.uint32(34);
    out.string(given.fileContainingSymbol);
  }
  if (given.fileContainingExtension !== undefined) {
    out.uint32(42);
    const fileContainingExtensionAt = out.begin();
    writeExtensionRequest(out, given.fileContainingExtension);
    out.end(fileContainingExtensionAt);
  }
  if (given.allExtensionNumbersOfType !== undefined) {
    out.uint32(50);
    out.string(given.allExtensionNumbersOfType);
  }
  if (given.listServices !== undefined) {
    out.uint32(58);
    out.string(given.listServices);
  }
}

export function readServerReflectionRequest(input: ProtoReader): ServerReflectionRequest {
  let host: string = '';
  let fileByFilename: string | undefined;
  let fileContainingSymbol: string | undefined;
  let fileContainingExtension: ExtensionRequest | undefined;
  let allExtensionNumbersOfType: string | undefined;
  let listServices: string | undefined;
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        host = input.string();
        break;
      case 26:
        fileByFilename = input.string();
        fileContainingSymbol = fileContainingExtension = allExtensionNumbersOfType = listServices = undefined;
        break;
      case 34:
        fileContainingSymbol = input.string();
        fileByFilename = fileContainingExtension = allExtensionNumbersOfType = listServices = undefined;
        break;
      case 42:
        fileContainingExtension = input.within(readExtensionRequest);
        fileByFilename = fileContainingSymbol = allExtensionNumbersOfType = listServices = undefined;
        break;
      case 50:
        allExtensionNumbersOfType = input.string();
        fileByFilename = fileContainingSymbol = fileContainingExtension = listServices = undefined;
        break;
      case 58:
        listServices = input.string();
        fileByFilename = fileContainingSymbol = fileContainingExtension = allExtensionNumbersOfType = undefined;
        break;
      default:
        input.skip(tag);
    }
  }
  return { host, fileByFilename, fileContainingSymbol, fileContainingExtension, allExtensionNumbersOfType, listServices };
}

export interface ExtensionRequest {
  readonly containingType: string;
  readonly extensionNumber: number;
}

export interface ExtensionRequestGiven {
  readonly containingType?: string | undefined;
  readonly extensionNumber?: number | undefined;
}

export function writeExtensionRequest(out: ProtoWriter, given: ExtensionRequestGiven): void {
  if (given.containingType !== undefined && given.containingType !== '') {
    out.uint32(10);
    out.string(given.containingType);
  }
  if (given.extensionNumber !== undefined && given.extensionNumber !== 0) {
    out.uint32(16);
    out.int64(given.extensionNumber);
  }
}

export function readExtensionRequest(input: ProtoReader): ExtensionRequest {
  let containingType: string = '';
  let extensionNumber: number = 0;
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        containingType = input.string();
        break;
      case 16:
        extensionNumber = input.int32();
        break;
      default:
        input.skip(tag);
    }
  }
  return { containingType, extensionNumber };
}

export interface ServerReflectionResponse {
  readonly validHost: string;
  readonly originalRequest: ServerReflectionRequest | undefined;
  readonly fileDescriptorResponse: FileDescriptorResponse | undefined;
  readonly listServicesResponse: ListServiceResponse | undefined;
  readonly errorResponse: ErrorResponse | undefined;
}

export interface ServerReflectionResponseGiven {
  readonly validHost?: string | undefined;
  readonly originalRequest?: ServerReflectionRequestGiven | undefined;
  readonly fileDescriptorResponse?: FileDescriptorResponseGiven | undefined;
  readonly listServicesResponse?: ListServiceResponseGiven | undefined;
  readonly errorResponse?: ErrorResponseGiven | undefined;
}

export function writeServerReflectionResponse(out: ProtoWriter, given: ServerReflectionResponseGiven): void {
  if (given.validHost !== undefined && given.validHost !== '') {
    out.uint32(10);
    out.string(given.validHost);
  }
  if (given.originalRequest !== undefined) {
    out.uint32(18);
    const originalRequestAt = out.begin();
    writeServerReflectionRequest(out, given.originalRequest);
    out.end(originalRequestAt);
  }
  if (given.fileDescriptorResponse !== undefined) {
    out.uint32(34);
    const fileDescriptorResponseAt = out.begin();
    writeFileDescriptorResponse(out, given.fileDescriptorResponse);
    out.end(fileDescriptorResponseAt);
  }
  if (given.listServicesResponse !== undefined) {
    out.uint32(50);
    const listServicesResponseAt = out.begin();
    writeListServiceResponse(out, given.listServicesResponse);
    out.end(listServicesResponseAt);
  }
  if (given.errorResponse !== undefined) {
    out.uint32(58);
    const errorResponseAt = out.begin();
    writeErrorResponse(out, given.errorResponse);
    out.end(errorResponseAt);
  }
}

export function readServerReflectionResponse(input: ProtoReader): ServerReflectionResponse {
  let validHost: string = '';
  let originalRequest: ServerReflectionRequest | undefined;
  let fileDescriptorResponse: FileDescriptorResponse | undefined;
  let listServicesResponse: ListServiceResponse | undefined;
  let errorResponse: ErrorResponse | undefined;
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        validHost = input.string();
        break;
      case 18:
        originalRequest = input.within(readServerReflectionRequest);
        break;
      case 34:
        fileDescriptorResponse = input.within(readFileDescriptorResponse);
        listServicesResponse = errorResponse = undefined;
        break;
      case 50:
        listServicesResponse = input.within(readListServiceResponse);
        fileDescriptorResponse = errorResponse = undefined;
        break;
      case 58:
        errorResponse = input.within(readErrorResponse);
        fileDescriptorResponse = listServicesResponse = undefined;
        break;
      default:
        input.skip(tag);
    }
  }
  return { validHost, originalRequest, fileDescriptorResponse, listServicesResponse, errorResponse };
}

export interface FileDescriptorResponse {
  readonly fileDescriptorProto: readonly Uint8Array[];
}

export interface FileDescriptorResponseGiven {
  readonly fileDescriptorProto?: readonly Uint8Array[] | undefined;
}

export function writeFileDescriptorResponse(out: ProtoWriter, given: FileDescriptorResponseGiven): void {
  for (const one of given.fileDescriptorProto ?? []) {
    out.uint32(10);
    out.bytes(one);
  }
}

export function readFileDescriptorResponse(input: ProtoReader): FileDescriptorResponse {
  const fileDescriptorProto: Uint8Array[] = [];
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        fileDescriptorProto.push(input.bytes());
        break;
      default:
        input.skip(tag);
    }
  }
  return { fileDescriptorProto };
}

export interface ListServiceResponse {
  readonly service: readonly ServiceResponse[];
}

export interface ListServiceResponseGiven {
  readonly service?: readonly ServiceResponseGiven[] | undefined;
}

export function writeListServiceResponse(out: ProtoWriter, given: ListServiceResponseGiven): void {
  for (const one of given.service ?? []) {
    out.uint32(10);
    const serviceAt = out.begin();
    writeServiceResponse(out, one);
    out.end(serviceAt);
  }
}

export function readListServiceResponse(input: ProtoReader): ListServiceResponse {
  const service: ServiceResponse[] = [];
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 10:
        service.push(input.within(readServiceResponse));
        break;
      default:
        input.skip(tag);
    }
  }
  return { service };
}

export interface ServiceResponse {
  readonly name: string;
}

export interface ServiceResponseGiven {
  readonly name?: string | undefined;
}

export function writeServiceResponse(out: ProtoWriter, given: ServiceResponseGiven): void {
  if (given.name !== undefined && given.name !== '') {
    out.uint32(10);
    out.string(given.name);
  }
}

export function readServiceResponse(input: ProtoReader): ServiceResponse {
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

export interface ErrorResponse {
  readonly errorCode: number;
  readonly errorMessage: string;
}

export interface ErrorResponseGiven {
  readonly errorCode?: number | undefined;
  readonly errorMessage?: string | undefined;
}

export function writeErrorResponse(out: ProtoWriter, given: ErrorResponseGiven): void {
  if (given.errorCode !== undefined && given.errorCode !== 0) {
    out.uint32(8);
    out.int64(given.errorCode);
  }
  if (given.errorMessage !== undefined && given.errorMessage !== '') {
    out.uint32(18);
    out.string(given.errorMessage);
  }
}

export function readErrorResponse(input: ProtoReader): ErrorResponse {
  let errorCode: number = 0;
  let errorMessage: string = '';
  for (let tag = input.tag(); tag !== 0; tag = input.tag()) {
    switch (tag) {
      case 8:
        errorCode = input.int32();
        break;
      case 18:
        errorMessage = input.string();
        break;
      default:
        input.skip(tag);
    }
  }
  return { errorCode, errorMessage };
}

export const serverReflectionMethods = {
  serverReflectionInfo: {
    path: '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
    requestStream: true,
    responseStream: true,
    readRequest: readServerReflectionRequest,
    writeRequest: writeServerReflectionRequest,
    readResponse: readServerReflectionResponse,
    writeResponse: writeServerReflectionResponse,
  } satisfies GrpcMethod<ServerReflectionRequest, ServerReflectionRequestGiven, ServerReflectionResponse, ServerReflectionResponseGiven>,
};

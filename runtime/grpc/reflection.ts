import { status } from '@grpc/grpc-js';
import {
  type ServerReflectionRequest,
  type ServerReflectionResponseGiven,
  serverReflectionMethods,
} from './generated/reflection.ts';
import { type GrpcRoute, grpcRoute } from './grpc-route.ts';

/** What one .proto file declares. */
export interface FileDescriptor {
  readonly name: string;
  /** A FileDescriptorProto. */
  readonly bytes: Uint8Array;
  readonly dependencies: readonly string[];
  /** Full names of what it declares. */
  readonly symbols: readonly string[];
}

/**
 * Tells programs that do not know it what a server serves: version 1, and the one before it, which is the same under
 * another name.
 */
export function reflectionRoutes(files: readonly FileDescriptor[], services: readonly string[]): readonly GrpcRoute[] {
  const { serverReflectionInfo } = serverReflectionMethods;
  const path = serverReflectionInfo.path.replace('.v1.', '.v1alpha.');
  const answer = async (request: ServerReflectionRequest) => ({
    validHost: request.host,
    originalRequest: request,
    ...reflect(files, services, request),
  });
  return [grpcRoute(serverReflectionInfo, answer), grpcRoute({ ...serverReflectionInfo, path }, answer)];
}

function reflect(
  files: readonly FileDescriptor[],
  services: readonly string[],
  { fileByFilename, fileContainingSymbol, listServices }: ServerReflectionRequest,
): ServerReflectionResponseGiven {
  if (listServices !== undefined) return { listServicesResponse: { service: services.map((name) => ({ name })) } };
  const asked = files.find(({ name, symbols }) =>
    fileByFilename === undefined ? symbols.includes(fileContainingSymbol ?? '') : name === fileByFilename,
  );
  if (asked === undefined) {
    const errorMessage = `there is no '${fileByFilename ?? fileContainingSymbol ?? 'extension'}' here`;
    return { errorResponse: { errorCode: status.NOT_FOUND, errorMessage } };
  }
  const needed = new Set([asked]);
  // What is added is looked at in turn.
  for (const { dependencies } of needed) {
    for (const file of files) if (dependencies.includes(file.name)) needed.add(file);
  }
  return { fileDescriptorResponse: { fileDescriptorProto: [...needed].map(({ bytes }) => bytes) } };
}

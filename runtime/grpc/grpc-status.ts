import { Metadata, type StatusObject, status } from '@grpc/grpc-js';
import type { ErrorCode } from '../../core/errors/asof-error.ts';
import type { PublicErrors } from '../graphql-errors.ts';

/** A failure as a client may see it. */
export interface VisibleFailure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly path: string;
}

/** What a call ends with that fails. */
export interface FailedStatus extends StatusObject {
  readonly visible: VisibleFailure;
}

export interface GrpcFailures {
  statusOf(error: unknown): FailedStatus;
}

const statuses: Readonly<Record<ErrorCode, status>> = {
  BAD_DEFINITION: status.INVALID_ARGUMENT,
  BAD_INPUT: status.INVALID_ARGUMENT,
  BAD_RECORD: status.INVALID_ARGUMENT,
  UNKNOWN_NAME: status.NOT_FOUND,
  CONFLICT: status.ABORTED,
  NOT_READY: status.UNAVAILABLE,
  UNAVAILABLE: status.UNAVAILABLE,
  LOCKED: status.UNAVAILABLE,
  CORRUPT: status.DATA_LOSS,
  LIMIT_EXCEEDED: status.RESOURCE_EXHAUSTED,
  UNAUTHENTICATED: status.UNAUTHENTICATED,
  FORBIDDEN: status.PERMISSION_DENIED,
  CANCELLED: status.CANCELLED,
  INTERNAL: status.INTERNAL,
};

/** The same words as over GraphQL; what is not expected is logged under an id, and masked. */
export function createGrpcFailures(publicErrors: PublicErrors): GrpcFailures {
  const visible = (error: unknown): VisibleFailure => {
    const { message, extensions } = publicErrors(error);
    return { code: extensions.code as ErrorCode, message, path: String(extensions.path ?? '') };
  };
  return {
    statusOf(error) {
      const shown = visible(error);
      const metadata = new Metadata();
      metadata.set('asof-code', shown.code);
      // A status travels in a header; longer than that and it does not arrive.
      const details = shown.message.slice(0, 4_000);
      return { code: statuses[shown.code] ?? status.INTERNAL, details, metadata, visible: shown };
    },
  };
}

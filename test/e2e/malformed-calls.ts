import { type Client, type ServiceError, status } from '@grpc/grpc-js';
import type { MalformedInput } from './malformed-inputs.ts';

const same = (bytes: Buffer): Buffer => bytes;
/** What nobody should ever be told, nor hear nothing. */
const wrong: readonly status[] = [status.INTERNAL, status.UNKNOWN, status.DATA_LOSS, status.DEADLINE_EXCEEDED];

/** Sends a message, over a two-way call where the method is one; null = it was answered as it should be. */
export function sendCall(client: Client, { path, message }: MalformedInput & { kind: 'call' }): Promise<string | null> {
  const bytes = Buffer.from(message);
  const options = { deadline: Date.now() + 10_000 };
  return new Promise((resolve) => {
    const told = (error: ServiceError | null): void =>
      resolve(error !== null && wrong.includes(error.code) ? `${error.code} ${error.details}` : null);
    if (!path.endsWith('/StreamFeatures')) {
      client.makeUnaryRequest(path, same, same, bytes, options, told);
      return;
    }
    const call = client.makeBidiStreamRequest(path, same, same, options);
    call.on('data', () => {});
    call.on('error', told);
    call.on('end', () => resolve(null));
    call.end(bytes);
  });
}

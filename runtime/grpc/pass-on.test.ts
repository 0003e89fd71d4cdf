import { Metadata, Server, ServerCredentials, type ServiceError, status } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import { createSystemClock } from '../../adapters/clock/system-clock.ts';
import { localPrincipal } from '../access/principal.ts';
import { featureStoreMethods } from './generated/feature_store.ts';
import { passOn } from './pass-on.ts';

const { getFeatures } = featureStoreMethods;
const same = (bytes: Buffer): Buffer => bytes;
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Answer = (request: Buffer) => Buffer | Partial<ServiceError>;

/** A process that answers so. */
async function listening(answer: Answer): Promise<string> {
  const server = new Server();
  const method = {
    path: getFeatures.path,
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
  server.addService(
    { getFeatures: method },
    {
      getFeatures(
        { request }: { request: Buffer },
        callback: (error: Partial<ServiceError> | null, bytes?: Buffer) => void,
      ) {
        const answered = answer(request);
        if (Buffer.isBuffer(answered)) callback(null, answered);
        else callback(answered);
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  closing.push(() => server.forceShutdown());
  return `http://127.0.0.1:${port}`;
}

/** Asks these processes in turn for the answer to one request. */
function asking(urls: readonly string[], millis = 10_000): (request: Buffer) => Promise<unknown> {
  const passing = passOn({ urls, token: () => null, systemClock: createSystemClock(), millis });
  closing.push(() => passing.close());
  const { handle } = passing.route(getFeatures);
  return async (request) => handle(request, localPrincipal);
}

const away = 'http://127.0.0.1:1';

describe('passing gRPC on', () => {
  it('brings answers of more than the 4 MB at which the library would cut them', async () => {
    const long = Buffer.alloc(5 * 1024 ** 2, 'x');
    const ask = asking([await listening(() => long)]);
    expect(long.equals((await ask(Buffer.from('who'))) as Buffer)).toBe(true);
  });

  it('passes on what was asked as it came, and asks the next process when one is away', async () => {
    const ask = asking([away, await listening((request) => request)]);
    for (const text of ['one', 'two', 'three']) expect(await ask(Buffer.from(text))).toEqual(Buffer.from(text));
  });

  it('says of its own what the other process says, and nothing of what went wrong within it', async () => {
    const told = new Metadata();
    told.set('asof-code', 'UNKNOWN_NAME');
    const refusing = asking([
      await listening(() => ({ code: status.NOT_FOUND, details: 'no such view', metadata: told })),
    ]);
    await expect(refusing(Buffer.alloc(0))).rejects.toMatchObject({ code: 'UNKNOWN_NAME', message: 'no such view' });
    const broken = asking([await listening(() => ({ code: status.INTERNAL, details: 'a secret' }))]);
    await expect(broken(Buffer.alloc(0))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/^the online process does not answer(?!.*secret)/),
    });
  });

  it('says so when every process is away', async () => {
    await expect(asking([away, away])(Buffer.alloc(0))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

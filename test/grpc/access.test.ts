import { connect } from 'node:net';
import { Metadata, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTokenAuthenticator, type TokenAuthenticator } from '../../runtime/access/authenticator.ts';
import { digestOf } from '../../runtime/access/token-file.ts';
import { codecOf } from '../../runtime/grpc/codec.ts';
import { featureStoreMethods } from '../../runtime/grpc/generated/feature_store.ts';
import { call, callWithAll } from './grpc-client.ts';
import { type GrpcWorld, openGrpcWorld } from './grpc-world.ts';

const token = 'reader-horse-battery';
const headers = { authorization: `Bearer ${token}` };
const { getFeatures, streamFeatures } = featureStoreMethods;
const asked = { entityId: 'ATL', featureNames: ['airport_facts:name'] };
const batch = { entityIds: ['ATL'], featureNames: ['airport_facts:name'] };
let tokens: TokenAuthenticator;
let world: GrpcWorld;

beforeEach(async () => {
  tokens = createTokenAuthenticator({ clients: [{ name: 'app', role: 'reader', digest: digestOf(token) }] });
  world = await openGrpcWorld({}, tokens);
});
afterEach(() => world[Symbol.asyncDispose]());

it('answers who shows a good token, call by call and in a stream', async () => {
  expect((await call(world.client, getFeatures, asked, headers)).features.size).toBe(1);
  expect(await callWithAll(world.client, streamFeatures, [batch, batch], headers)).toHaveLength(2);
});

it.each([{}, { authorization: 'Bearer another-horse-battery' }])('refuses %j', async (shown) => {
  const refused = {
    code: status.UNAUTHENTICATED,
    asofCode: 'UNAUTHENTICATED',
    details: expect.not.stringContaining('horse'),
  };
  await expect(call(world.client, getFeatures, asked, shown)).rejects.toMatchObject(refused);
  await expect(callWithAll(world.client, streamFeatures, [batch], shown)).rejects.toMatchObject(refused);
});

it('ends a stream whose token is no longer good', async () => {
  const { path, requestSerialize, responseDeserialize } = codecOf(streamFeatures);
  const metadata = new Metadata();
  metadata.set('authorization', headers.authorization);
  const stream = world.client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata);
  const ended = new Promise((resolve) => stream.on('error', resolve));
  const first = new Promise((resolve) => stream.once('data', resolve));
  stream.write(batch);
  expect(await first).toMatchObject({ failure: undefined });
  tokens.replace({ clients: [] });
  stream.write(batch);
  expect(await ended).toMatchObject({ code: status.UNAUTHENTICATED });
});

it('outlives connections that say nothing, half of a greeting, or nonsense', async () => {
  const open = (first: string): Promise<void> =>
    new Promise((resolve) => {
      const socket = connect(world.host.port, '127.0.0.1', () => {
        socket.write(first);
        setImmediate(() => socket.destroy());
      });
      socket.on('error', () => {});
      socket.once('close', () => resolve());
    });
  await Promise.all(
    ['', 'P', 'PR', 'PRI', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'PRI nonsense', 'PO', '\u0000'].map(open),
  );
  expect((await call(world.client, getFeatures, asked, headers)).features.size).toBe(1);
});

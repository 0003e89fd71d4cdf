import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { expect } from 'vitest';
import { featureStoreMethods } from '../../runtime/grpc/generated/feature_store.ts';
import { call, openClient } from '../grpc/grpc-client.ts';
import type { SeparateProcesses } from './separate-processes.ts';

const tokens = { reader: 'reader-horse-battery', writer: 'writer-horse-battery', admin: 'admin-horse-battery' };
const restarted = ['gateway', 'registry', 'online', 'offline'] as const;

/** Starts the gateway and those behind it with tokens, and asks them as several principals do. */
export async function checkTokens(processes: SeparateProcesses, folder: string): Promise<void> {
  const tokenFile = join(folder, 'tokens');
  const gatewayFile = join(folder, 'gateway-token');
  const lines = Object.entries(tokens).map(([role, token]) => `a-${role} ${role} ${token}`);
  writeFileSync(tokenFile, lines.join('\n'), { mode: 0o600 });
  writeFileSync(gatewayFile, 'gateway-horse-battery\n', { mode: 0o600 });
  const env = { ASOF_TOKEN_FILE: tokenFile, ASOF_GATEWAY_TOKEN_FILE: gatewayFile };
  await Promise.all(restarted.map((name) => processes.of(name).stop('SIGTERM')));
  for (const name of restarted) await processes.start(name, env);
  await processes.whole(60_000);

  const ask = async (name: (typeof restarted)[number], token: string | null, query: string) => {
    const response = await fetch(`${processes.of(name).url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token !== null && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query }),
    });
    const { data, errors = [] } = (await response.json()) as Answer;
    return { status: response.status, data, codes: errors.map(({ extensions }) => extensions.code) };
  };
  const read = `{
    airport(iata: "ATL") {
      originDelays { landed7d view { owner } }
      asOf(time: "2001-05-20T12:00:00Z") { originDelays { landed7d } }
    }
  }`;
  const push = `mutation { push(input: {source: "landings", events: []}) { accepted } }`;
  const rebuild = 'mutation { rebuild(input: {views: ["airport_facts"]}) { errors { code } } }';

  expect(await ask('gateway', null, read)).toMatchObject({ status: 401, codes: ['UNAUTHENTICATED'] });
  expect(await ask('gateway', tokens.reader, read)).toMatchObject({
    status: 200,
    codes: [],
    data: {
      airport: {
        originDelays: { landed7d: expect.any(Number), view: { owner: 'ops' } },
        asOf: { originDelays: { landed7d: expect.any(Number) } },
      },
    },
  });
  expect(await ask('gateway', tokens.reader, push)).toMatchObject({ codes: ['FORBIDDEN'] });
  expect(await ask('gateway', tokens.writer, push)).toMatchObject({ codes: [], data: { push: { accepted: 0 } } });
  expect(await ask('gateway', tokens.writer, rebuild)).toMatchObject({ codes: ['FORBIDDEN'] });
  expect(await ask('gateway', tokens.admin, rebuild)).toMatchObject({ codes: [] });
  for (const name of ['registry', 'online', 'offline'] as const) {
    expect(await ask(name, null, '{ __typename }'), name).toMatchObject({ status: 401 });
    expect(await ask(name, tokens.admin, '{ __typename }'), name).toMatchObject({ status: 403, codes: ['FORBIDDEN'] });
    const metrics = await fetch(`${processes.of(name).url}/metrics`, {
      headers: { authorization: `Bearer ${tokens.reader}` },
    });
    expect(metrics.status, name).toBe(200);
  }

  const overGrpc = async (name: 'gateway' | 'online', token: string | null): Promise<unknown> => {
    const client = openClient(Number(new URL(processes.of(name).url).port));
    const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
    const asked = { entityId: 'ATL', featureNames: ['airport_facts:name'] };
    const answer = await call(client, featureStoreMethods.getFeatures, asked, headers).catch((failure) => failure);
    client.close();
    return answer;
  };
  expect(await overGrpc('gateway', null)).toMatchObject({ code: status.UNAUTHENTICATED });
  expect(await overGrpc('gateway', tokens.reader)).toMatchObject({ features: expect.any(Map) });
  expect(await overGrpc('online', null)).toMatchObject({ code: status.UNAUTHENTICATED });
  expect(await overGrpc('online', tokens.admin)).toMatchObject({ code: status.PERMISSION_DENIED });
}

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[];
}

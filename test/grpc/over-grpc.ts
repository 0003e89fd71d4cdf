import { credentials, type GrpcObject, loadPackageDefinition, type ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { protoPath } from 'grpc-health-check';
import { expect } from 'vitest';
import { featureStoreMethods } from '../../runtime/grpc/generated/feature_store.ts';
import type { AsofProcess } from '../e2e/asof-process.ts';
import { call, callWithAll, openClient } from './grpc-client.ts';

interface Read {
  readonly airports: readonly { readonly iata: string; readonly originDelays: Numbers; readonly airportFacts: Facts }[];
}
type Numbers = { readonly landed7d: number; readonly meanDelay7d: number | null };
type Facts = { readonly name: string | null };

const iata = ['ATL', 'ORD', 'LAX', 'nowhere'];
const names = ['origin_delays:landed_7d', 'origin_delays:mean_delay_7d', 'airport_facts:name'];

/** Compares what the flights example answers over gRPC with what it answers over GraphQL, while nothing is in flight. */
export async function compareWithGrpc(asof: Pick<AsofProcess, 'query' | 'url'>): Promise<void> {
  const port = Number(new URL(asof.url).port);
  const client = openClient(port);
  try {
    const read = () =>
      asof.query<Read>(
        'query($iata: [String!]!) { airports(iata: $iata) { iata originDelays { landed7d meanDelay7d } airportFacts { name } } }',
        { iata },
      );
    for (let attempt = 0; ; attempt++) {
      const before = await read();
      const batch = { entityIds: iata, featureNames: names };
      const found = await call(client, featureStoreMethods.batchGetFeatures, batch);
      const [streamed] = await callWithAll(client, featureStoreMethods.streamFeatures, [batch]);
      const isQuiet = JSON.stringify(before) === JSON.stringify(await read());
      if (!isQuiet && attempt < 20) continue;
      const told = before.airports.map(({ iata: id, originDelays, airportFacts }) => [
        id,
        originDelays.landed7d,
        originDelays.meanDelay7d ?? undefined,
        airportFacts.name ?? undefined,
      ]);
      for (const { features } of [found, streamed!]) {
        const overGrpc = [...features].map(([id, one]) => [
          id,
          one.features.get(names[0]!)!.intValue,
          one.features.get(names[1]!)!.doubleValue,
          one.features.get(names[2]!)!.stringValue,
        ]);
        expect(overGrpc).toEqual(told);
      }
      break;
    }
    await expect(askHealth(port)).resolves.toMatchObject({ status: 'SERVING' });
    expect(await listServices(port)).toContain('FeatureStore');
  } finally {
    client.close();
  }
}

const reflectionProto = 'runtime/grpc/protos/reflection.proto';

/** A client that is made at run time, as those of others are. */
function serviceOf(proto: string, names: readonly string[], port: number): InstanceType<ServiceClientConstructor> {
  let found: GrpcObject[string] = loadPackageDefinition(
    loadSync(proto, { keepCase: true, enums: String, oneofs: true }),
  );
  for (const name of names) found = (found as GrpcObject)[name]!;
  return new (found as ServiceClientConstructor)(`127.0.0.1:${port}`, credentials.createInsecure());
}

/** As a load balancer asks. */
function askHealth(port: number): Promise<{ readonly status: string }> {
  const health = serviceOf(protoPath, ['grpc', 'health', 'v1', 'Health'], port);
  return new Promise((resolve, reject) => {
    health.check!({ service: 'FeatureStore' }, (error: unknown, answer: { readonly status: string }) => {
      health.close();
      if (error) reject(error);
      else resolve(answer);
    });
  });
}

/** As grpcurl asks. */
function listServices(port: number): Promise<string[]> {
  const reflection = serviceOf(reflectionProto, ['grpc', 'reflection', 'v1', 'ServerReflection'], port);
  return new Promise((resolve, reject) => {
    const asked = reflection.serverReflectionInfo!();
    asked.on('data', (answer: { list_services_response: { service: { name: string }[] } }) => {
      resolve(answer.list_services_response.service.map(({ name }) => name));
      asked.end();
      reflection.close();
    });
    asked.on('error', reject);
    asked.write({ list_services: '' });
  });
}

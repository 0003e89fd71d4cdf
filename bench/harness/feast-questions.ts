import { Client, credentials } from '@grpc/grpc-js';
import { encoded } from '../../runtime/grpc/codec.ts';
import {
  readGetOnlineFeaturesResponse,
  servingServiceMethods,
  writeGetOnlineFeaturesRequest,
} from '../../runtime/grpc/generated/feast.ts';
import { ProtoReader } from '../../runtime/grpc/proto-reader.ts';
import type { Protocol } from './benchmark.ts';

/** One service read for some customers. */
export interface FeastQuestion {
  readonly service: string;
  readonly customers: readonly number[];
}

/** Where each protocol is asked. */
export const paths: Readonly<Record<Protocol, string>> = {
  graphql: '/graphql',
  'feast-http': '/get-online-features',
  'feast-grpc': servingServiceMethods.getOnlineFeatures.path,
};

const document = `query Vectors($service: String!, $keys: JSON!) {
  featureVectors(service: $service, keys: $keys) { names values }
}`;

/** What is sent: JSON, or of gRPC a message in base64. */
export function questionText(protocol: Protocol, { service, customers }: FeastQuestion): string {
  switch (protocol) {
    case 'graphql':
      return JSON.stringify({ query: document, variables: { service, keys: { customer: customers } } });
    case 'feast-http':
      return JSON.stringify({ feature_service: service, entities: { customer: customers } });
    case 'feast-grpc': {
      const val = customers.map((customer) => ({ int64Val: customer }));
      const entities = new Map([['customer', { val }]]);
      return encoded(writeGetOnlineFeaturesRequest, { featureService: service, entities }).toString('base64');
    }
  }
}

/** The values of each feature by its name without the view's, in the order of the customers. */
export type FeastValues = Readonly<Record<string, readonly number[]>>;

/** Asks once and reads the answer. */
export async function askValues(url: string, protocol: Protocol, question: FeastQuestion): Promise<FeastValues> {
  const text = questionText(protocol, question);
  if (protocol === 'feast-grpc') return valuesOfGrpc(await call(url, Buffer.from(text, 'base64')));
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(new URL(paths[protocol], url), { method: 'POST', headers, body: text });
  const body = (await answer.json()) as HttpAnswer;
  if ('data' in body) {
    const { names, values } = body.data.featureVectors;
    return byName(
      names.map((name) => name.slice(name.indexOf('.') + 1)),
      (index) => values[index]!,
    );
  }
  if (!('metadata' in body)) throw new Error(`${protocol} answered ${JSON.stringify(body).slice(0, 300)}`);
  return byName(body.metadata.feature_names, (index) => body.results[index]!.values);
}

type HttpAnswer =
  | { readonly data: { readonly featureVectors: { readonly names: string[]; readonly values: number[][] } } }
  | {
      readonly metadata: { readonly feature_names: string[] };
      readonly results: readonly { readonly values: number[] }[];
    }
  | { readonly errors: unknown };

async function call(url: string, message: Buffer): Promise<Buffer> {
  const client = new Client(new URL(url).host, credentials.createInsecure());
  const same = (bytes: Buffer): Buffer => bytes;
  try {
    return await new Promise((resolve, reject) => {
      client.makeUnaryRequest(paths['feast-grpc'], same, same, message, (error, answer) =>
        error === null ? resolve(answer!) : reject(error),
      );
    });
  } finally {
    client.close();
  }
}

function valuesOfGrpc(answer: Buffer): FeastValues {
  const { metadata, results } = readGetOnlineFeaturesResponse(new ProtoReader(answer));
  return byName(metadata?.featureNames?.val ?? [], (index) =>
    results[index]!.values.map(({ int64Val }) => Number(int64Val)),
  );
}

/** Without the key, which Feast returns among the features. */
function byName(names: readonly string[], valuesAt: (index: number) => readonly unknown[]): FeastValues {
  const columns = names.map((name, index) => [name, valuesAt(index).map(Number)] as const);
  return Object.fromEntries(columns.filter(([name]) => name !== 'customer').sort(([a], [b]) => (a < b ? -1 : 1)));
}

import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import {
  createFileRegistry,
  type DescMessage,
  type DescMethod,
  type DescMethodUnary,
  fromBinary,
  type Message,
  type MessageInitShape,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { Redis } from 'ioredis';
import { featuresOf, keepRows } from './profile-rows.ts';
import { tellUsage } from './tell-usage.ts';

/*
 * The server of serve-grpc.ts with @connectrpc/connect-node in place of @grpc/grpc-js. Its generated code is a descriptor in
 * a module, too: here it comes with the request.
 */
interface Request {
  readonly redisPort: number;
  readonly customers: number;
  readonly features: number;
  /** A FileDescriptorSet in base64, with what schema/feature_store.proto declares. */
  readonly descriptors: string;
}

const { redisPort, customers, features, descriptors } = JSON.parse(process.argv[2]!) as Request;
const client = new Redis({ port: redisPort });
await keepRows(client, customers, features);

const files = createFileRegistry(fromBinary(FileDescriptorSetSchema, Buffer.from(descriptors, 'base64')));
const service = files.getService('FeatureStore');

/** Messages of this library hold a oneof as its case and its value. */
function rowOf(text: string, names: readonly string[]) {
  const row = featuresOf(text, names).features;
  return {
    features: Object.fromEntries(
      Object.entries(row).map(([name, { intValue }]) => [
        name,
        { value: { case: 'intValue', value: BigInt(intValue) } },
      ]),
    ),
  };
}

function methodOf(name: string): DescMethodUnary {
  const method = service?.methods.find(
    (method): method is DescMethod & DescMethodUnary => method.name === name && method.methodKind === 'unary',
  );
  if (method === undefined) throw new Error(`the descriptors have no FeatureStore/${name}`);
  return method;
}

type Asked = Message & { entityId: string; entityIds: string[]; featureNames: string[] };
type Given = MessageInitShape<DescMessage>;

const handler = connectNodeAdapter({
  routes(router) {
    router.rpc(methodOf('GetFeatures'), async (asked): Promise<Given> => {
      const { entityId, featureNames } = asked as Asked;
      return rowOf((await client.get(`profile:${entityId}`))!, featureNames);
    });
    router.rpc(methodOf('BatchGetFeatures'), async (asked): Promise<Given> => {
      const { entityIds, featureNames } = asked as Asked;
      const rows = await client.mget(entityIds.map((id) => `profile:${id}`));
      return { features: Object.fromEntries(entityIds.map((id, at) => [id, rowOf(rows[at]!, featureNames)])) };
    });
  },
});
const server = createServer(handler);
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }));
});

tellUsage(() => process.exit());

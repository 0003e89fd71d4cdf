import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { descriptorModule } from '../../codegen/proto/descriptors.ts';
import { protoModule } from '../../codegen/proto/proto-types.ts';
import { readSchemaFile } from '../../codegen/schema-file.ts';
import { composeSupergraph } from '../../codegen/supergraph.ts';
import { collectDefinitions } from '../../core/definitions/collect.ts';
import { compileDefinitions } from '../../core/registry/compile.ts';
import * as features from '../../examples/flights/features.ts';
import { scalarTypeDefs } from '../../runtime/scalars.ts';
import { asOfSdl } from '../../subgraphs/offline/as-of-sdl.ts';
import { onlineTypeDefs } from '../../subgraphs/online/subgraph.ts';

const registry = compileDefinitions(collectDefinitions(features));
const composed = composeSupergraph([
  { name: 'registry', typeDefs: [readSchemaFile('registry.graphql'), scalarTypeDefs].join('\n') },
  { name: 'online', typeDefs: onlineTypeDefs(registry) },
  { name: 'offline', typeDefs: [readSchemaFile('offline.graphql'), scalarTypeDefs, asOfSdl(registry)].join('\n') },
]);
const file = (name: string): string => fileURLToPath(new URL(`../../schema/${name}`, import.meta.url));

/** Committed, so that a change of the contract is seen in review; `npm run codegen` writes them anew. */
describe('the committed schema of the flights example', () => {
  it('is what the subgraphs compose to', async () => {
    await expect(`${composed.supergraphSdl.trim()}\n`).toMatchFileSnapshot(file('supergraph.graphql'));
  });

  it('shows clients the same', async () => {
    await expect(`${composed.publicSdl.trim()}\n`).toMatchFileSnapshot(file('api.graphql'));
  });
});

describe('the committed types of .proto files', () => {
  it.each([
    ['feature_store.ts', 'schema', ['feature_store.proto']],
    ['feast.ts', 'schema', ['feast/serving/ServingService.proto']],
    ['feast_registry.ts', 'cli/import/feast/protos', ['registry.proto']],
    ['reflection.ts', 'runtime/grpc/protos', ['reflection.proto']],
  ] as const)('are what the .proto files say: %s', async (name, folder, protos) => {
    const { text } = await protoModule(folder, protos);
    await expect(text).toMatchFileSnapshot(file(`../runtime/grpc/generated/${name}`));
  });

  it('have descriptors for who asks the server', async () => {
    const text = await descriptorModule('schema', ['feature_store.proto', 'feast/serving/ServingService.proto']);
    await expect(text).toMatchFileSnapshot(file('../runtime/grpc/generated/descriptors.ts'));
  });
});

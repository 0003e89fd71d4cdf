import type { CodegenConfig } from '@graphql-codegen/cli';

/** Types of the app's operations from the schema of the example, and the manifest of its trusted documents. */
const config: CodegenConfig = {
  schema: 'schema/api.graphql',
  documents: ['examples/flights/app.ts'],
  generates: {
    'examples/flights/generated/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false, persistedDocuments: { hashAlgorithm: 'sha256' }, skipIndexFile: true },
      config: {
        documentMode: 'string',
        importExtension: '.ts',
        useTypeImports: true,
        enumsAsTypes: true,
        strictScalars: true,
        scalars: {
          DateTime: 'string',
          Duration: 'string',
          Int64: { input: 'number | string', output: 'number | string' },
          Decimal: 'string',
          JSON: 'unknown',
        },
      },
    },
  },
};

export default config;

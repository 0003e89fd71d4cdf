import { getOperationAST, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { readSchemaFile } from '../../codegen/schema-file.ts';
import { authorizeOperation, readMutationRoles } from './operation-access.ts';
import type { AccessRole } from './principal.ts';

const roles = readMutationRoles();

function ask(role: AccessRole, text: string): () => void {
  const document = parse(text);
  const operation = getOperationAST(document)!;
  return () => authorizeOperation({ name: 'ci', role, isGateway: false }, { document, operation }, roles);
}

function declaredMutations(): string[] {
  const { definitions } = parse(readSchemaFile('api.graphql'));
  return definitions.flatMap((definition) =>
    definition.kind === 'ObjectTypeDefinition' && definition.name.value === 'Mutation'
      ? (definition.fields ?? []).map((field) => field.name.value)
      : [],
  );
}

describe('the roles of operations', () => {
  it('are declared for every mutation of the schema, and for nothing else', () => {
    expect(declaredMutations().length).toBeGreaterThan(5);
    expect([...roles.keys()].sort()).toEqual(declaredMutations().sort());
  });

  it('let readers ask and subscribe, and change nothing', () => {
    ask('reader', '{ featureViews { totalCount } }')();
    ask('reader', 'subscription { registryChanges { revision } }')();
    ask('reader', 'mutation { __typename }')();
    for (const mutation of declaredMutations()) {
      expect(ask('reader', `mutation { ${mutation} }`), mutation).toThrow(`'ci' may not use the mutation ${mutation}`);
    }
  });

  it('let writers write, and leave what others have registered or lost to admins', () => {
    for (const mutation of ['push', 'createTrainingDataset', 'materialize', 'backfill']) {
      ask('writer', `mutation { ${mutation} }`)();
    }
    for (const mutation of ['apply', 'rebuild']) {
      expect(ask('writer', `mutation { ${mutation} }`)).toThrow('expected a token with the role admin');
      ask('admin', `mutation { ${mutation} }`)();
    }
  });

  it('need admin for a mutation that nobody declared', () => {
    expect(ask('writer', 'mutation { forget }')).toThrow('the mutation forget');
    ask('admin', 'mutation { forget }')();
  });

  it.each([
    'mutation { push apply }',
    'mutation { harmless: apply }',
    'mutation { push ... { apply } }',
    'mutation { push ... on Mutation { ... { apply } } }',
    'mutation { ...outer } fragment outer on Mutation { push ...inner } fragment inner on Mutation { apply }',
    'mutation { push apply @skip(if: true) }',
  ])('see through names and fragments: %s', (text) => {
    expect(ask('writer', text)).toThrow('the mutation apply');
  });
});

import { readFileSync } from 'node:fs';
import { generate } from '@graphql-codegen/cli';
import { expect, it } from 'vitest';
import config from '../../examples/flights/codegen.ts';

it("the flights app's committed operation types and trusted documents are what its operations give", async () => {
  const files: { filename: string; content: string }[] = await generate({ ...config, silent: true }, false);
  expect(files.map(({ filename }) => filename.split('/').at(-1)).sort()).toEqual([
    'gql.ts',
    'graphql.ts',
    'persisted-documents.json',
  ]);
  for (const { filename, content } of files) expect(readFileSync(filename, 'utf8').trim()).toBe(content.trim());
});

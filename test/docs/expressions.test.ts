import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { expressionsPage } from '../../codegen/expressions-page.ts';

/** Committed for readers; `npm run codegen` writes it anew. */
it('docs/expressions.md is what the table of functions says', async () => {
  const file = fileURLToPath(new URL('../../docs/expressions.md', import.meta.url));
  await expect(expressionsPage()).toMatchFileSnapshot(file);
});

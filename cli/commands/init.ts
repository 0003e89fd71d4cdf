import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { AsofError } from '../../core/errors/asof-error.ts';
import { createOutput, print } from '../output.ts';

const features = `import { avg, countRows, entity, eventSource, featureService, featureView, push, t } from 'asof';

export const user = entity('user', { key: { id: t.string } });

export const purchases = eventSource('purchases', {
  fields: { purchaseId: t.string, userId: t.string, amount: t.decimal(12, 2) },
  eventTime: 'purchasedAt',
  eventId: 'purchaseId',
  lateness: '1h',
  stream: push(),
});

export const userPurchases = featureView('user_purchases', {
  entity: user,
  source: purchases,
  key: { id: 'userId' },
  features: {
    purchases_24h: countRows().over('24h'),
    mean_amount_24h: avg('amount').over('24h'),
  },
  freshness: '1m',
  owner: 'me',
});

export const model = featureService('model', { version: 1, features: [userPurchases] });
`;

/** `asof init FOLDER`: a definitions file to edit. */
export function addInitCommand(program: Command): void {
  program
    .command('init')
    .description('Write a new project to edit')
    .argument('[folder]', 'where to', '.')
    .option('--json', 'print JSON for scripts')
    .action(async (folder: string, { json }: { json?: boolean }) => {
      const file = join(folder, 'features.ts');
      if (existsSync(file)) {
        throw new AsofError('BAD_INPUT', 'there is a file already', { path: file, remedy: 'Name an empty folder.' });
      }
      await mkdir(folder, { recursive: true });
      await writeFile(file, features);
      print(createOutput(json === true), { file }, () =>
        [`Wrote ${file}. Next:`, `  asof serve --definitions ${file}`, `  asof get model --key id=ada`].join('\n'),
      );
    });
}

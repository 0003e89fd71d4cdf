import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { AsofError } from '../../core/errors/asof-error.ts';
import { type FeastImport, importFeast } from '../import/feast/import.ts';
import { createOutput, print } from '../output.ts';

interface ImportFlags {
  readonly registry?: string;
  readonly out?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** `asof import feast DIR`: definitions of another feature store as ours. */
export function addImportCommand(program: Command): void {
  program
    .command('import')
    .description('Turn the definitions of another feature store into ours')
    .command('feast')
    .description('From a Feast repository, as `feast apply` has registered it')
    .argument('<dir>', 'the folder with feature_store.yaml')
    .option('--registry <file>', 'the registry, where it is not where feature_store.yaml says')
    .option('--out <file>', 'where to; default asof.json in that folder')
    .option('--force', 'write over a file that is there')
    .option('--json', 'print JSON for scripts')
    .action(async (dir: string, flags: ImportFlags) => {
      const out = flags.out ?? join(dir, 'asof.json');
      if (existsSync(out) && flags.force !== true) {
        throw new AsofError('BAD_INPUT', 'there is a file already', {
          path: out,
          remedy: 'Name another with --out, or write over it with --force.',
        });
      }
      const imported = await importFeast({ folder: dir, registryFile: flags.registry ?? null, out });
      await writeFile(out, `${JSON.stringify(imported.definitions, null, 2)}\n`);
      print(createOutput(flags.json === true), { file: out, ...countsOf(imported), notes: imported.notes }, () =>
        textOf(imported, out),
      );
    });
}

function countsOf({ definitions }: FeastImport) {
  const { entities, sources, views, onDemandViews, services } = definitions;
  return {
    entities: entities.length,
    sources: sources.length,
    views: views.length,
    onDemandViews: onDemandViews.length,
    services: services.length,
  };
}

function textOf(imported: FeastImport, out: string): string {
  const { entities, sources, views, onDemandViews, services } = countsOf(imported);
  const notes = imported.notes.map(({ what, outcome, why }) => `  ${outcome}: ${what}: ${why}`);
  return [
    `Wrote ${out}: ${entities} entities, ${sources} sources, ${views} views, ${onDemandViews} on-demand views, ${services} services.`,
    ...(notes.length === 0 ? [] : ['', 'Not as it was:', ...notes]),
    '',
    'Next:',
    `  asof serve --definitions ${out}`,
  ].join('\n');
}

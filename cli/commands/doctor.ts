import type { Command } from 'commander';
import type { Finding } from '../../core/ports/health-check.ts';
import { loadDefinitions } from '../definitions/load.ts';
import { processEnvironment } from '../env.ts';
import { exitCodes } from '../exit-codes.ts';
import { createOutput } from '../output.ts';

/** `asof doctor`: what is wrong with the servers and folders that the environment names, and how to mend it. */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('Check the servers, folders and settings that the environment names; exit code 1 when something fails')
    .option('--definitions <file>', 'check the topics of these definitions instead of those of the registry')
    .option('--json', 'print JSON for scripts')
    .action(async (flags: { definitions?: string; json?: boolean }) => {
      const output = createOutput(flags.json === true);
      const definitions = flags.definitions === undefined ? null : await loadDefinitions(flags.definitions);
      // Only here: loading the engines takes a while, which no other command has to wait.
      const { examine } = await import('../doctor/services.ts');
      const findings: Finding[] = [];
      const options = { env: processEnvironment(), nodeVersion: process.versions.node, definitions };
      for await (const finding of examine(options)) {
        findings.push(finding);
        if (!output.json) output.out(findingText(finding));
      }
      const count = (level: Finding['level']): number => findings.filter((finding) => finding.level === level).length;
      const result = count('fail') > 0 ? 'fail' : count('warn') > 0 ? 'warn' : 'ok';
      if (output.json) output.out(JSON.stringify({ result, findings }));
      else output.out(`${count('ok')} ok, ${count('warn')} to look at, ${count('fail')} failing`);
      if (result === 'fail') process.exitCode = exitCodes.failure;
      // Whatever a client of a server that it found broken still holds open, nobody waits for it.
      process.stdout.write('', () => process.exit());
    });
}

function findingText({ service, level, what, expected, got, remedy }: Finding): string {
  const line = `${level.padEnd(4)}  ${service}: ${what}${got === null ? '' : `: ${got}`}`;
  const details = [expected === null ? null : `expected ${expected}`, remedy].filter((text) => text !== null);
  return [line, ...details.map((text) => `      ${text}`)].join('\n');
}

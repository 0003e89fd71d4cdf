import { stdin } from 'node:process';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import type { Definitions } from '../../core/definitions/model.ts';
import { problemsError } from '../../core/definitions/problems.ts';
import { AsofError, type ErrorCode, type ErrorProblem } from '../../core/errors/asof-error.ts';
import { loadDefinitions } from '../definitions/load.ts';
import { personHere } from '../env.ts';
import { exitCodes } from '../exit-codes.ts';
import { createOutput, print } from '../output.ts';
import type { ServerClient } from '../server-client.ts';
import { addConnectionFlags, type ConnectionFlags, connect } from './connection.ts';
import { planBetween } from './plan-between.ts';
import { expressionsText, plannedExpressions } from './plan-expressions.ts';
import { type Change, planText } from './plan-text.ts';

interface ApplyPayload {
  readonly revision: number | null;
  readonly changes: readonly Change[];
  /** What says nothing is null. */
  readonly errors: readonly ({ readonly code: ErrorCode; readonly message: string } & {
    readonly [Detail in keyof Omit<ErrorProblem, 'message'>]-?: string | null;
  })[];
}

interface ApplyFlags extends ConnectionFlags {
  readonly prune?: boolean;
  readonly yes?: boolean;
}

interface PlanFlags extends ConnectionFlags {
  readonly prune?: boolean;
  readonly against?: string;
  readonly verbose?: boolean;
}

const applyMutation = `mutation Apply($input: ApplyInput!) {
  apply(input: $input) {
    revision
    changes { action kind name version reasons breaks }
    errors { code message path expected got remedy }
  }
}`;

/** `asof plan FILE` and `asof apply FILE`: what a definitions file would change in a running Asof, and changing it. */
export function addPlanAndApplyCommands(program: Command): void {
  const pruneFlag = ['--prune', 'retire what the file leaves out'] as const;
  addConnectionFlags(program.command('plan'))
    .description('Show what a definitions file would change; exit code 3 when there are changes')
    .argument('<file>', 'definitions: TypeScript, JavaScript or JSON')
    .option(...pruneFlag)
    .option('--against <file>', 'compare with these definitions instead of a running Asof')
    .option('--verbose', 'also show what computes each expression offline')
    .action(async (file: string, flags: PlanFlags) => {
      const output = createOutput(flags.json === true);
      const definitions = await loadDefinitions(file);
      const prune = flags.prune === true;
      const plan =
        flags.against === undefined
          ? await send(connect(flags), definitions, { dryRun: true, prune })
          : { changes: await planBetween(await loadDefinitions(flags.against), definitions, { prune }) };
      if (flags.verbose === true) {
        const expressions = await plannedExpressions(definitions);
        print(output, { ...plan, expressions }, (value) => `${planText(value)}\n\n${expressionsText(expressions)}`);
      } else print(output, plan, planText);
      if (plan.changes.length > 0) process.exitCode = exitCodes.changes;
    });
  addConnectionFlags(program.command('apply'))
    .description('Register a definitions file')
    .argument('<file>', 'definitions: TypeScript, JavaScript or JSON')
    .option(...pruneFlag)
    .option('--yes', 'do not ask')
    .action(async (file: string, flags: ApplyFlags) => {
      const output = createOutput(flags.json === true);
      const client = connect(flags);
      const definitions = await loadDefinitions(file);
      const prune = flags.prune === true;
      const plan = await send(client, definitions, { dryRun: true, prune });
      if (plan.changes.length > 0 && flags.yes !== true) {
        output.err(planText(plan));
        await confirm();
      }
      // Only on top of what was shown.
      const who = { appliedBy: personHere(), expectedRevision: plan.revision };
      const applied = await send(client, definitions, { dryRun: false, prune, ...who });
      print(output, applied, (value) => `${planText(value)}\nThe registry is at revision ${value.revision}.`);
    });
}

async function send(
  client: ServerClient,
  definitions: Definitions,
  options: { dryRun: boolean; prune: boolean; expectedRevision?: number | null; appliedBy?: string },
): Promise<ApplyPayload> {
  const { apply } = await client.request<{ apply: ApplyPayload }>(applyMutation, {
    input: { definitions, ...options },
  });
  const [first] = apply.errors;
  if (first === undefined) return apply;
  throw problemsError(
    apply.errors.map(({ code: _, message, ...details }) => ({ message, ...present(details) })),
    first.code,
  );
}

function present(details: { readonly [detail: string]: string | null }): Omit<ErrorProblem, 'message'> {
  return Object.fromEntries(Object.entries(details).filter(([, detail]) => detail !== null));
}

async function confirm(): Promise<void> {
  if (!stdin.isTTY) {
    throw new AsofError('BAD_INPUT', 'nobody to ask whether to apply this', { remedy: 'Call it with --yes.' });
  }
  const prompt = createInterface({ input: stdin, output: process.stderr });
  const answer = await prompt.question('Apply these changes? (yes/no) ');
  prompt.close();
  if (answer.trim().toLowerCase() !== 'yes') throw new AsofError('CANCELLED', 'nothing was changed');
}

import { setTimeout as delay } from 'node:timers/promises';
import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import { AsofError, type ErrorCode } from '../../core/errors/asof-error.ts';
import { createOutput, type Output, print } from '../output.ts';
import type { ServerClient } from '../server-client.ts';
import { addConnectionFlags, type ConnectionFlags, connect } from './connection.ts';

interface Job {
  readonly id: string;
  readonly state: 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';
  readonly recordsDone: number;
  readonly recordsTotal: number | null;
  readonly keysWritten: number;
  readonly error: string | null;
  readonly waitsFor: string | null;
}

const jobFields = 'id state recordsDone recordsTotal keysWritten error waitsFor';
const pollMillis = 250;

/** `asof backfill VIEW…`, `asof materialize VIEW…` and `asof rebuild [VIEW…]`; all wait for the job. */
export function addJobCommands(program: Command): void {
  const kinds = [
    ['backfill', 'BackfillInput', 'Fill views’ online values from history'],
    ['materialize', 'MaterializeInput', 'Read what is new in views’ batch sources, then fill their online values'],
  ] as const;
  for (const [name, inputType, description] of kinds) {
    addConnectionFlags(program.command(name).argument('<views...>'))
      .description(description)
      .action(async (views: string[], flags: ConnectionFlags) => {
        const output = createOutput(flags.json === true);
        const client = connect(flags);
        const job = await finished(client, await start(client, name, inputType, { views }), output);
        print(output, job, ({ recordsDone, keysWritten }) => `${recordsDone} records, ${keysWritten} keys written`);
      });
  }
  addConnectionFlags(program.command('rebuild').argument('[views...]', 'default: all'))
    .description('Fill again what the online store has lost, while the stream goes on')
    .option('--discard', 'first remove what it holds of these views, as after a restore from an old snapshot')
    .action(async (views: string[], flags: ConnectionFlags & { readonly discard?: boolean }) => {
      const output = createOutput(flags.json === true);
      const client = connect(flags);
      const input = { views: views.length === 0 ? null : views, discard: flags.discard === true };
      const job = await finished(client, await start(client, 'rebuild', 'RebuildInput', input), output);
      print(output, job, ({ recordsDone, keysWritten }) =>
        recordsDone === 0 ? 'nothing was missing' : `${recordsDone} records, ${keysWritten} keys written`,
      );
    });
}

async function start(client: ServerClient, name: string, inputType: string, input: object): Promise<Job> {
  const mutation = `mutation($input: ${inputType}!) { payload: ${name}(input: $input) { job { ${jobFields} } errors { code message } } }`;
  const { payload } = await client.request<{
    payload: { job: Job | null; errors: { code: ErrorCode; message: string }[] };
  }>(mutation, { input });
  const [first] = payload.errors;
  if (first !== undefined) throw new AsofError(first.code, payload.errors.map(({ message }) => message).join('\n'));
  return payload.job!;
}

async function finished(client: ServerClient, started: Job, output: Output): Promise<Job> {
  const bar =
    process.stderr.isTTY && !output.json
      ? new SingleBar({ format: ' {bar} {value}/{total} records', stream: process.stderr })
      : null;
  bar?.start(started.recordsTotal ?? 1, 0);
  let job = started;
  let said: string | null = null;
  while (job.state === 'QUEUED' || job.state === 'RUNNING') {
    await delay(pollMillis);
    const { materialization } = await client.request<{ materialization: Job }>(
      `query($id: ID!) { materialization(id: $id) { ${jobFields} } }`,
      { id: started.id },
    );
    job = materialization;
    bar?.setTotal(Math.max(job.recordsTotal ?? 1, job.recordsDone));
    bar?.update(job.recordsDone);
    if (job.waitsFor !== null && job.waitsFor !== said) process.stderr.write(`${job.waitsFor}\n`);
    said = job.waitsFor;
  }
  bar?.stop();
  if (job.state === 'SUCCEEDED') return job;
  throw new AsofError('INTERNAL', `the job is ${job.state}`, {
    path: job.id,
    ...(job.error === null ? {} : { got: job.error }),
  });
}

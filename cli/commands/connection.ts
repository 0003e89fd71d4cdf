import type { Command } from 'commander';
import { clientEnvironment } from '../env.ts';
import { createServerClient, type ServerClient } from '../server-client.ts';

export interface ConnectionFlags {
  readonly url: string;
  readonly json?: boolean;
}

/** The flags of every command that talks to a running Asof: --url and --json. */
export function addConnectionFlags(command: Command): Command {
  return command
    .option('--url <url>', 'the door of a running Asof', clientEnvironment().url)
    .option('--json', 'print JSON for scripts');
}

export function connect({ url }: ConnectionFlags): ServerClient {
  return createServerClient(url.replace(/\/$/, ''), clientEnvironment().token);
}

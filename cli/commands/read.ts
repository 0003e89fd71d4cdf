import type { Command } from 'commander';
import { table } from '../../core/text/table.ts';
import { createOutput, print } from '../output.ts';
import { addConnectionFlags, type ConnectionFlags, connect } from './connection.ts';
import { collectPair, namedPairs } from './pair-flags.ts';

interface Vectors {
  readonly readAt: string;
  readonly names: readonly string[];
  readonly values: readonly (readonly unknown[])[];
  readonly statuses: readonly (readonly string[])[];
  readonly eventTimes: readonly (readonly (string | null)[])[];
}

interface GetFlags extends ConnectionFlags {
  readonly key: readonly string[];
  readonly request: readonly string[];
  readonly at?: string;
}

interface Freshness {
  readonly slaMillis: number | null;
  readonly ageMillis: number;
  readonly stale: boolean;
  readonly backlog: number;
  readonly state: string;
}

/** `asof get SERVICE` and `asof freshness`. */
export function addReadCommands(program: Command): void {
  addConnectionFlags(program.command('get').argument('<service>'))
    .description('Read the features of a service for one key')
    .option('--key <column=value>', 'a join column, once for each', collectPair, [])
    .option('--request <input=value>', 'a request-time input', collectPair, [])
    .option('--at <time>', 'an instant in the past')
    .action(async (service: string, flags: GetFlags) => {
      const { featureVectors } = await connect(flags).request<{ featureVectors: Vectors }>(
        `query($service: String!, $keys: JSON, $request: JSON, $at: DateTime) {
          featureVectors(service: $service, keys: $keys, request: $request, at: $at) {
            readAt names values statuses eventTimes
          }
        }`,
        {
          service,
          keys: [namedPairs('--key', flags.key)],
          request: namedPairs('--request', flags.request),
          at: flags.at ?? null,
        },
      );
      print(createOutput(flags.json === true), featureVectors, vectorTable);
    });
  addConnectionFlags(program.command('freshness'))
    .description('How far each view runs behind its source')
    .action(async (flags: ConnectionFlags) => {
      const { featureViews } = await connect(flags).request<{
        featureViews: { nodes: { name: string; freshness: Freshness | null }[] };
      }>('{ featureViews(first: 100) { nodes { name freshness { slaMillis ageMillis stale backlog state } } } }');
      print(createOutput(flags.json === true), featureViews.nodes, (nodes) =>
        table(
          ['view', 'state', 'age ms', 'SLA ms', 'stale', 'backlog'],
          nodes.map(({ name, freshness }) => [
            name,
            freshness?.state,
            freshness?.ageMillis,
            freshness?.slaMillis,
            freshness?.stale,
            freshness?.backlog,
          ]),
        ),
      );
    });
}

function vectorTable({ readAt, names, values, statuses, eventTimes }: Vectors): string {
  const rows = names.map((name, column) => [
    name,
    JSON.stringify(values[column]?.[0] ?? null),
    statuses[column]?.[0],
    eventTimes[column]?.[0],
  ]);
  return `${table(['feature', 'value', 'status', 'event time'], rows)}\nread at ${readAt}`;
}

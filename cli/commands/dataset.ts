import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';
import { AsofError, type ErrorCode } from '../../core/errors/asof-error.ts';
import { table } from '../../core/text/table.ts';
import { createOutput, type Output, print } from '../output.ts';
import type { ServerClient } from '../server-client.ts';
import { addConnectionFlags, type ConnectionFlags, connect } from './connection.ts';

interface Dataset {
  readonly id: string;
  readonly name: string;
  readonly state: 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';
  readonly rowsDone: number;
  readonly rowsTotal: number | null;
  readonly rows: number | null;
  readonly error: string | null;
  readonly createdAt: string;
  readonly files: readonly { readonly name: string; readonly url: string; readonly bytes: number }[];
}

interface CreateFlags extends ConnectionFlags {
  readonly name: string;
  readonly service?: string;
  readonly features?: readonly string[];
  readonly spine: string;
  readonly time: string;
  readonly mode: string;
  readonly status?: boolean;
}

const datasetFields = 'id name state rowsDone rowsTotal rows error createdAt files { name url bytes }';
const pollMillis = 250;

/** `asof dataset create|rebuild|list|show|download`. */
export function addDatasetCommands(program: Command): void {
  const dataset = program.command('dataset').description('Training datasets, point in time');
  addConnectionFlags(dataset.command('create'))
    .description('Join features to a spine; waits until the dataset is there')
    .requiredOption('--name <name>')
    .requiredOption('--spine <sql>', 'a SELECT over the sources, or @FILE with one')
    .requiredOption('--time <column>', 'the spine’s time column')
    .option('--service <service>', 'the features of a service')
    .option('--features <view:feature...>', 'chosen features')
    .option('--mode <mode>', 'AS_SERVED or EVENT_TIME', 'AS_SERVED')
    .option('--status', 'add a status column beside each feature')
    .action(async (flags: CreateFlags) => {
      const output = createOutput(flags.json === true);
      const client = connect(flags);
      print(output, await finished(client, await create(client, flags), output), describe);
    });
  addConnectionFlags(dataset.command('rebuild').argument('<id>'))
    .description('Build a dataset again from the records it was made from, to the same bytes')
    .action(async (id: string, flags: ConnectionFlags) => {
      const output = createOutput(flags.json === true);
      const client = connect(flags);
      print(output, await finished(client, await rebuild(client, id), output), describe);
    });
  addConnectionFlags(dataset.command('list'))
    .description('The newest datasets')
    .action(async (flags: ConnectionFlags) => {
      const query = `{ trainingDatasets(first: 50) { nodes { ${datasetFields} } } }`;
      const { trainingDatasets } = await connect(flags).request<{ trainingDatasets: { nodes: Dataset[] } }>(query);
      print(createOutput(flags.json === true), trainingDatasets.nodes, (nodes) =>
        table(
          ['id', 'name', 'state', 'rows', 'created'],
          nodes.map((one) => [one.id, one.name, one.state, one.rows, one.createdAt]),
        ),
      );
    });
  addConnectionFlags(dataset.command('show').argument('<id>'))
    .description('One dataset and its files')
    .action(async (id: string, flags: ConnectionFlags) => {
      print(createOutput(flags.json === true), await find(connect(flags), id), describe);
    });
  addConnectionFlags(dataset.command('download').argument('<id>').argument('[folder]', 'where to', '.'))
    .description('Save a dataset’s files')
    .action(async (id: string, folder: string, flags: ConnectionFlags) => {
      const client = connect(flags);
      const files = await download(client, await find(client, id), folder);
      print(createOutput(flags.json === true), files, (names) => names.join('\n'));
    });
}

async function create(client: ServerClient, flags: CreateFlags): Promise<Dataset> {
  const sql = flags.spine.startsWith('@') ? await readFile(flags.spine.slice(1), 'utf8') : flags.spine;
  const input = {
    name: flags.name,
    spine: { sql, timeColumn: flags.time },
    mode: flags.mode,
    withStatus: flags.status === true,
    ...(flags.service === undefined ? {} : { service: flags.service }),
    ...(flags.features === undefined ? {} : { features: flags.features }),
  };
  const { createTrainingDataset } = await client.request<{ createTrainingDataset: DatasetPayload }>(
    `mutation($input: CreateTrainingDatasetInput!) {
      createTrainingDataset(input: $input) { dataset { ${datasetFields} } errors { code message } }
    }`,
    { input },
  );
  return accepted(createTrainingDataset);
}

async function rebuild(client: ServerClient, id: string): Promise<Dataset> {
  const { rebuildTrainingDataset } = await client.request<{ rebuildTrainingDataset: DatasetPayload }>(
    `mutation($id: ID!) {
      rebuildTrainingDataset(input: {id: $id}) { dataset { ${datasetFields} } errors { code message } }
    }`,
    { id },
  );
  return accepted(rebuildTrainingDataset);
}

interface DatasetPayload {
  readonly dataset: Dataset | null;
  readonly errors: readonly { readonly code: ErrorCode; readonly message: string }[];
}

function accepted({ dataset, errors }: DatasetPayload): Dataset {
  const [first] = errors;
  if (first !== undefined) throw new AsofError(first.code, errors.map(({ message }) => message).join('\n'));
  return dataset!;
}

async function finished(client: ServerClient, started: Dataset, output: Output): Promise<Dataset> {
  const bar =
    process.stderr.isTTY && !output.json
      ? new SingleBar({ format: ' {bar} {value}/{total} rows', stream: process.stderr })
      : null;
  bar?.start(started.rowsTotal ?? 1, 0);
  let dataset = started;
  while (dataset.state === 'QUEUED' || dataset.state === 'RUNNING') {
    await delay(pollMillis);
    dataset = await find(client, started.id);
    bar?.setTotal(dataset.rowsTotal ?? 1);
    bar?.update(dataset.rowsDone);
  }
  bar?.stop();
  if (dataset.state !== 'SUCCEEDED') {
    throw new AsofError(dataset.state === 'CANCELLED' ? 'CANCELLED' : 'INTERNAL', `the dataset is ${dataset.state}`, {
      path: dataset.id,
      ...(dataset.error === null ? {} : { got: dataset.error }),
    });
  }
  return dataset;
}

async function find(client: ServerClient, id: string): Promise<Dataset> {
  const { trainingDataset } = await client.request<{ trainingDataset: Dataset | null }>(
    `query($id: ID!) { trainingDataset(id: $id) { ${datasetFields} } }`,
    { id },
  );
  if (trainingDataset !== null) return trainingDataset;
  throw new AsofError('UNKNOWN_NAME', `there is no dataset ${JSON.stringify(id)}`, {
    remedy: 'See `asof dataset list`.',
  });
}

async function download(client: ServerClient, dataset: Dataset, folder: string): Promise<string[]> {
  if (dataset.files.length === 0) {
    throw new AsofError('BAD_INPUT', 'the dataset has no files', {
      path: dataset.id,
      expected: 'one that SUCCEEDED',
      got: dataset.state,
      remedy: `See \`asof dataset show ${dataset.id}\`.`,
    });
  }
  await mkdir(folder, { recursive: true });
  const saved: string[] = [];
  for (const { name, url } of dataset.files) {
    const response = await client.fetchFile(url);
    if (!response.ok || response.body === null) {
      throw new AsofError('UNAVAILABLE', `${name} could not be read`, { got: `HTTP ${response.status}` });
    }
    const file = join(folder, basename(name));
    await pipeline(Readable.from(response.body), createWriteStream(file));
    saved.push(file);
  }
  return saved;
}

function describe(dataset: Dataset): string {
  const state = `${dataset.name} (${dataset.id}) ${dataset.state}`;
  if (dataset.error !== null) return `${state}: ${dataset.error}`;
  const files = dataset.files.map(({ name, bytes, url }) => [name, bytes, url]);
  return `${state}, ${dataset.rows ?? 0} rows\n${table(['file', 'bytes', 'path'], files)}`;
}

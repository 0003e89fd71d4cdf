import type { CompiledRegistry } from '../../../core/definitions/registry-view.ts';
import { AsofError } from '../../../core/errors/asof-error.ts';
import { membersToRead } from '../../../core/on-demand/evaluate.ts';
import type { Materializer } from '../../../core/ports/materializer.ts';
import type { JoinRequest, OfflineStore, Positions, Spine } from '../../../core/ports/offline-store.ts';
import { toJson } from '../../../core/values/json.ts';
import { type ChosenFeatures, chooseFeatures } from './chosen-features.ts';
import type { DatasetFile, PinnedPositions, StoredSpine, TrainingDataset } from './dataset.ts';
import type { DatasetFolder } from './dataset-folder.ts';
import { inlineSpine } from './inline-spine.ts';

export interface BuildDeps {
  readonly registry: () => CompiledRegistry;
  readonly offline: OfflineStore;
  readonly materializer: Pick<Materializer, 'hasHistory'>;
  readonly folders: DatasetFolder;
  readonly signal: AbortSignal;
  onProgress(done: number, total: number): void;
}

/** So many rows are kept to be shown. */
const previewRows = 100;

/**
 * Joins, writes the files and their manifest. CONFLICT where a dataset that was built before would now be another;
 * what is there stays then.
 */
export async function buildDataset(
  deps: BuildDeps,
  dataset: TrainingDataset,
): Promise<{ readonly rows: number; readonly files: readonly DatasetFile[] }> {
  const { folders, signal } = deps;
  const registry = deps.registry();
  const chosen = chooseFeatures(registry, {
    service: dataset.service,
    serviceVersion: dataset.serviceVersion,
    features: dataset.requested,
  });
  checkPinned(dataset, chosen);
  await requireHistory(deps.materializer, chosen);
  const sources = [...registry.sources.values()];
  const inline = dataset.spine.kind === 'rows' ? await folders.inlineRows(dataset.id) : null;
  const request: JoinRequest = {
    spine: spineOf(dataset.spine, inline, chosen),
    members: chosen.members,
    mode: dataset.mode,
    sources,
    withStatus: dataset.withStatus,
    knownUntil: dataset.knownUntil,
    through: positionsOf(dataset),
    onProgress: deps.onProgress,
    signal,
    ...(chosen.service === null ? {} : { service: chosen.service }),
    ...(dataset.between === null ? {} : { between: dataset.between }),
  };
  const rows = await writeData(deps, dataset, request);
  const data = folders.path(dataset.id, 'data.parquet');
  const file = await folders.describe(dataset.id, 'data.parquet', rows);
  await folders.writeJson(dataset.id, 'preview.json', await firstRows(deps, data));
  await folders.writeJson(dataset.id, 'manifest.json', manifestOf(dataset, file));
  return { rows, files: [file, await folders.describe(dataset.id, 'manifest.json', null)] };
}

/** Writes data.parquet; returns its rows. */
async function writeData({ offline, folders }: BuildDeps, { id, files }: TrainingDataset, request: JoinRequest) {
  const before = files.find(({ name }) => name === 'data.parquet');
  if (before === undefined) return (await offline.joinToParquet(request, folders.path(id, 'data.parquet'))).rows;
  const { rows } = await offline.joinToParquet(request, folders.path(id, 'rebuilt.parquet'));
  const rebuilt = await folders.describe(id, 'rebuilt.parquet', rows);
  if (rebuilt.sha256 === before.sha256) {
    await folders.rename(id, 'rebuilt.parquet', 'data.parquet');
    return rows;
  }
  await folders.removeFile(id, 'rebuilt.parquet');
  throw new AsofError('CONFLICT', 'the dataset was built again and is another', {
    path: id,
    expected: `sha256 ${before.sha256}, ${before.rows} rows`,
    got: `sha256 ${rebuilt.sha256}, ${rows} rows`,
    remedy: 'Give the spine’s query an ORDER BY over all of its rows; what was built first is still there.',
  });
}

export function spineOf(spine: StoredSpine, inlineRows: readonly unknown[] | null, chosen: ChosenFeatures): Spine {
  if (spine.kind === 'sql') return { kind: 'sql', query: spine.sql, timeColumn: spine.timeColumn };
  return inlineSpine({ ...spine, rows: inlineRows ?? [] }, chosen);
}

/** NOT_READY when a part of the history would be taken for the whole. */
export async function requireHistory(
  materializer: Pick<Materializer, 'hasHistory'>,
  { members, service }: ChosenFeatures,
): Promise<void> {
  const read = service === null ? members : membersToRead(service);
  for (const source of new Set(read.map(({ view }) => view.source))) {
    if (await materializer.hasHistory(source)) continue;
    throw new AsofError('NOT_READY', `the history of the source "${source.name}" is not there yet`, {
      path: `sources.${source.name}`,
      remedy: 'Wait until `materializations` shows that it is read; a job that failed there says why.',
    });
  }
}

/** A dataset that waited across a change of the registry must not quietly become another one. */
function checkPinned({ members }: TrainingDataset, chosen: ChosenFeatures): void {
  for (const { alias, view, version, hash } of members) {
    const found = chosen.members.find((member) => member.alias === alias)?.view;
    if (found?.hash === hash) continue;
    throw new AsofError('CONFLICT', `the view "${view}" changed while the dataset waited`, {
      path: `views.${view}`,
      expected: `version ${version}`,
      got: found === undefined ? 'none' : `version ${found.version}`,
      remedy: 'Create the dataset again.',
    });
  }
}

/** What each source's history reaches to by now, all of it durable. */
export async function pinnedPositions({
  registry,
  offline,
}: Pick<BuildDeps, 'registry' | 'offline'>): Promise<PinnedPositions> {
  const positions: Record<string, Readonly<Record<string, number>>> = {};
  for (const source of registry().sources.values()) {
    positions[source.name] = Object.fromEntries(await offline.flush(source));
  }
  return positions;
}

function positionsOf({ positions }: TrainingDataset): ReadonlyMap<string, Positions> {
  return new Map(Object.entries(positions ?? {}).map(([source, places]) => [source, new Map(Object.entries(places))]));
}

async function firstRows({ offline }: BuildDeps, path: string): Promise<readonly unknown[]> {
  const { columns, rows } = await offline.readParquet(path, previewRows);
  return rows.map((row) =>
    Object.fromEntries(columns.map(({ name, type }, index) => [name, jsonOf(type, row[index] ?? null)])),
  );
}

function jsonOf(...[type, value]: Parameters<typeof toJson>): unknown {
  return value === null ? null : toJson(type, value);
}

function manifestOf(dataset: TrainingDataset, file: DatasetFile): object {
  const { id, name, service, serviceVersion, members, features, spine, mode, withStatus, between, createdAt } = dataset;
  return {
    asof: 1,
    id,
    name,
    createdAt,
    knownUntil: new Date(dataset.knownUntil).toISOString(),
    service,
    serviceVersion,
    features,
    views: members,
    spine,
    between,
    mode,
    withStatus,
    positions: dataset.positions,
    files: [file],
  };
}

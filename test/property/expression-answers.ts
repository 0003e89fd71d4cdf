import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDuckDbOfflineStore } from '../../adapters/duckdb/offline-store.ts';
import { createOnlineExecutor } from '../../cli/try/executors/online.ts';
import { buildHistory, type SourceHistory } from '../../cli/try/history.ts';
import type { CompiledService, CompiledSource } from '../../core/definitions/compiled.ts';
import { evaluateOnDemand, membersToRead } from '../../core/on-demand/evaluate.ts';
import { parseRequestInput, requestInputsOf } from '../../core/on-demand/request-input.ts';
import { compileDefinitions } from '../../core/registry/compile.ts';
import { toJson } from '../../core/values/json.ts';
import type { Field, Value } from '../../core/values/types.ts';
import type { RoleWorld } from './expression-roles.ts';
import { columns, type SampleRows } from './expression-samples.ts';

/** Per row of the samples: `view.feature` → its value. */
export type Answers = readonly ReadonlyMap<string, Value>[];

const happenedAt = Date.parse('2024-05-01T12:00:00Z');
const askedAt = happenedAt + 60_000;

export interface RoleExecutor {
  online(): Promise<Answers>;
  /** By the columns of a training dataset. */
  duckDb(): Promise<Answers>;
}

/**
 * Computes all roles of these rows through both stores, as serving and datasets do. Each row is an event, a row of state
 * and the inputs of a request, under a key of its own.
 */
export function createRoleExecutor({ definitions, requested }: RoleWorld, rows: SampleRows): RoleExecutor {
  const registry = compileDefinitions(definitions);
  const service = registry.services.get('everything')![0]!;
  const histories = new Map<CompiledSource, SourceHistory>(
    service.members.map(({ view }) => [view.source, historyOf(view.source, rows)]),
  );
  return {
    online: () => answerOnline(service, histories, rows),
    duckDb: () => answerInDuckDb(service, histories, { rows, requested }),
  };
}

function historyOf(source: CompiledSource, rows: SampleRows): SourceHistory {
  const inputs = rows.map((row, id) => ({
    place: `row ${id}`,
    values: {
      id,
      at: happenedAt,
      ...Object.fromEntries(columns.map((column, index) => [column.name, otherNotation(column, row[index]!, id)])),
    },
  }));
  const history = buildHistory(source, [{ origin: source.name, rows: inputs }], true);
  if (history.records.length !== rows.length) throw new Error(`a sample is dead: ${history.dead[0]?.reason}`);
  return history;
}

/** As producers may write it: what makes the same value. */
function otherNotation({ type }: Field, value: Value, row: number): unknown {
  if (type.kind === 'float64') {
    if (value === null) return [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, null][row % 4];
    return value === 0 && row % 2 === 0 ? -0 : value;
  }
  const isText = type.kind === 'timestamp' && value !== null && row % 2 === 0;
  return isText ? String(toJson(type, value)).replace('Z', `${String(row % 1_000).padStart(3, '0')}Z`) : value;
}

async function answerOnline(
  service: CompiledService,
  histories: ReadonlyMap<CompiledSource, SourceHistory>,
  rows: SampleRows,
): Promise<Answers> {
  await using executor = createOnlineExecutor();
  const members = membersToRead(service);
  const readings = await executor.answer({
    members,
    histories,
    rows: rows.map((_, id) => ({
      place: `row ${id}`,
      time: askedAt,
      knownAt: askedAt,
      keys: members.map(() => [id]),
    })),
    mode: 'AS_SERVED',
    modePlace: 'the mode',
  });
  const inputs = requestInputsOf(service);
  return rows.map((row, id) => {
    const request = inputs.map((input) => {
      const given = toJson(input.type, row[columns.findIndex(({ name }) => name === input.name)]!);
      return parseRequestInput(input, given, input.name);
    });
    const answer = new Map<string, Value>();
    for (const [index, { view, features }] of service.members.entries()) {
      for (const [place, feature] of features.entries()) {
        answer.set(`${view.name}.${view.features[feature]!.name}`, readings[id]![index]!.values[place]!);
      }
    }
    for (const { view, values } of evaluateOnDemand(service, readings[id]!, request)) {
      for (const [place, { name }] of view.features.entries()) answer.set(`${view.name}.${name}`, values[place]!);
    }
    return answer;
  });
}

interface SpineRows {
  readonly rows: SampleRows;
  readonly requested: readonly Field[];
}

async function answerInDuckDb(
  service: CompiledService,
  histories: ReadonlyMap<CompiledSource, SourceHistory>,
  { rows, requested }: SpineRows,
): Promise<Answers> {
  const folder = await mkdtemp(join(tmpdir(), 'asof-expressions-'));
  try {
    await using store = await createDuckDbOfflineStore({ folder });
    for (const { source, records } of histories.values()) await store.append(source, records);
    const file = join(folder, 'dataset.parquet');
    const places = requested.map((column) => columns.indexOf(column));
    const spine = {
      kind: 'rows',
      columns: [{ name: 'id', type: { kind: 'int64' } }, ...requested],
      rows: rows.map((row, id) => [id, ...places.map((place) => row[place]!)]),
      times: rows.map(() => askedAt),
      knownAt: rows.map(() => null),
    } as const;
    const { members } = service;
    await store.joinToParquet(
      { spine, members, service, mode: 'AS_SERVED', sources: [...histories.keys()], withStatus: false },
      file,
    );
    const found = await store.readParquet(file, rows.length);
    const names = found.columns.map(({ name }) => name.replace('__', '.'));
    return found.rows.map((values) => new Map(names.map((name, index) => [name, values[index]!])));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

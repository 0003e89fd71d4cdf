import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDuckDbOfflineStore } from '../../../adapters/duckdb/offline-store.ts';
import type { ServiceMember, ViewReading } from '../../../core/definitions/compiled.ts';
import type { JoinRequest, OfflineStore } from '../../../core/ports/offline-store.ts';
import type { Field } from '../../../core/values/types.ts';
import type { TryExecutor, TryQuestion } from '../question.ts';

/**
 * Answers with a point-in-time join in DuckDB, over an offline store in a temporary folder.
 *
 * @param options see `DuckDbOfflineStoreOptions`
 */
export function createDuckDbExecutor(options: { readonly sliceRows?: number } = {}): TryExecutor {
  let opened: Promise<TemporaryStore> | null = null;
  let questions = 0;
  return {
    async answer(asked) {
      opened ??= openTemporaryStore(options);
      const { store } = await opened;
      questions += 1;
      const question = withOwnSources(asked, questions);
      for (const { source, records } of question.histories.values()) await store.append(source, records);
      return await joinAll(store, question);
    },
    async [Symbol.asyncDispose]() {
      await (await opened)?.close();
    },
  };
}

interface TemporaryStore {
  readonly store: OfflineStore;
  close(): Promise<void>;
}

async function openTemporaryStore(options: { readonly sliceRows?: number }): Promise<TemporaryStore> {
  const folder = await mkdtemp(join(tmpdir(), 'asof-try-'));
  const store = await createDuckDbOfflineStore({ folder, ...options });
  return {
    store,
    close: async () => {
      await store[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** One store answers many questions: each has sources of its own, so that none sees another's history. */
function withOwnSources({ members, histories, ...asked }: TryQuestion, question: number): TryQuestion {
  const own = new Map(
    [...histories].map(([source, history]) => [
      source,
      { ...history, source: { ...source, name: `${source.name}_${question}` } },
    ]),
  );
  return {
    ...asked,
    members: members.map((member) => ({
      ...member,
      view: { ...member.view, source: own.get(member.view.source)!.source },
    })),
    histories: new Map([...own.values()].map((history) => [history.source, history])),
  };
}

async function joinAll(store: OfflineStore, question: TryQuestion): Promise<ViewReading[][]> {
  const readings: ViewReading[][] = [];
  const { members } = question;
  for await (const rows of store.join(joinRequest(question))) {
    for (const row of rows) {
      readings.push(
        row.members.map((member, index) => ({
          ...member,
          readAt: row.time,
          version: members[index]!.view.version,
        })),
      );
    }
  }
  return readings;
}

/** Each member reads key columns of its own: two entities may have keys of one name and different types. */
function joinRequest({ members, histories, rows, mode }: TryQuestion): JoinRequest {
  const keyColumn = (member: number, part: number) => `key_${member}_${part}`;
  const columns: Field[] = members.flatMap(({ view }, member) =>
    view.key.map(({ type }, part) => ({ name: keyColumn(member, part), type })),
  );
  return {
    spine: {
      kind: 'rows',
      columns,
      rows: rows.map(({ keys }) => keys.flat()),
      times: rows.map(({ time }) => time),
      knownAt: rows.map(({ knownAt }) => knownAt),
    },
    members: members.map(
      (member, index): ServiceMember => ({
        ...member,
        joinColumns: member.view.key.map((_, part) => keyColumn(index, part)),
      }),
    ),
    mode,
    sources: [...histories.values()].map(({ source }) => source),
    withStatus: true,
  };
}

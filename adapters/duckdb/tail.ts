import type { DuckDBInstance } from '@duckdb/node-api';
import type { CompiledSource, SourceRecord } from '../../core/definitions/compiled.ts';
import type { Positions } from '../../core/ports/offline-store.ts';
import { openSession } from './engine.ts';
import { placeKey, type StoredField } from './manifest.ts';
import { identifier } from './quoting.ts';
import { createTableSql, layoutOf, openRecordAppender } from './record-table.ts';
import { throughSql } from './through.ts';

/** Records in memory that are not written as files yet. */
export interface Tail {
  readonly table: string;
  readonly layout: readonly StoredField[];
  readonly rows: number;
  /** The newest offset of a place; undefined = it has none of it. */
  newest(place: string): number | undefined;
  /** The newest offsets of all its places. */
  positions(): Positions;
  append(records: readonly SourceRecord[]): void;
  /** To be called before its table is read. */
  settle(): void;
  /** FALSE for records that the files hold up to these positions, since another process has written them; null = for none. */
  beyond(durable: Positions): string | null;
  /** Lets go of it; its table stays for whoever reads it. */
  close(): void;
  drop(): Promise<void>;
}

interface TailPlace {
  readonly oldest: number;
  newest: number;
}

export async function openTail(instance: DuckDBInstance, table: string, source: CompiledSource): Promise<Tail> {
  const layout = layoutOf(source);
  const places = new Map<string, TailPlace>();
  let rows = 0;
  let isSettled = true;
  const session = await openSession(instance);
  await session.run(createTableSql(table, layout));
  const appender = await openRecordAppender(session.connection, table, layout, source);
  const close = (): void => {
    appender.close();
    session.close();
  };
  return {
    table,
    layout,
    get rows() {
      return rows;
    },
    newest: (place) => places.get(place)?.newest,
    positions: () => new Map([...places].map(([place, { newest }]) => [place, newest])),
    append(records) {
      appender.append(records);
      isSettled = false;
      rows += records.length;
      for (const { place, run } of runsOf(records)) {
        const oldest = run[0]!.offset;
        const known = places.get(place) ?? { oldest, newest: oldest };
        known.newest = run.at(-1)!.offset;
        places.set(place, known);
      }
    },
    settle() {
      if (isSettled) return;
      appender.settle();
      isSettled = true;
    },
    beyond(durable) {
      const held = new Map([...durable].filter(([place, offset]) => offset >= (places.get(place)?.oldest ?? Infinity)));
      return held.size === 0 ? null : `NOT ${throughSql(held)}`;
    },
    close,
    async drop() {
      close();
      const dropping = await openSession(instance);
      await dropping.run(`DROP TABLE ${identifier(table)}`);
      dropping.close();
    },
  };
}

/** Consecutive records of one place: its text is made once for each run, not for each record. */
export function runsOf(
  records: readonly SourceRecord[],
): { readonly place: string; readonly run: readonly SourceRecord[] }[] {
  const runs: { place: string; run: readonly SourceRecord[] }[] = [];
  let start = 0;
  for (let end = 1; end <= records.length; end++) {
    const first = records[start]!;
    const next = records[end];
    if (next !== undefined && next.partition === first.partition && next.origin === first.origin) continue;
    runs.push({ place: placeKey(first.origin, first.partition), run: records.slice(start, end) });
    start = end;
  }
  return runs;
}

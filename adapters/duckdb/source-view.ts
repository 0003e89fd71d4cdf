import type { CompiledSource } from '../../core/definitions/compiled.ts';
import type { Session } from './engine.ts';
import { identifier } from './quoting.ts';

/**
 * Makes a source readable by its name in spine queries: its fields, and its declared time columns (and event id) as
 * the columns they were declared as.
 */
export async function createSourceView(session: Session, source: CompiledSource, history: string): Promise<void> {
  const { definition } = source;
  const columns = new Map(source.fields.map(({ name }) => [name, identifier(name)]));
  const add = (name: string | undefined, sql: string) => {
    if (name !== undefined && !columns.has(name)) columns.set(name, sql);
  };
  const instant = (column: string) => `make_timestamp(${column} * 1000)`;
  add(definition.eventTime, instant('__event_time'));
  if (definition.kind === 'events') {
    add(definition.arrival, instant('__known_time'));
    add(definition.eventId, '__event_id');
  } else {
    add(definition.createdTime, instant('__known_time'));
    add(definition.deleted, '__deleted');
  }
  const list = [...columns].map(([name, sql]) => `${sql} AS ${identifier(name)}`).join(', ');
  await session.run(`CREATE OR REPLACE TEMP VIEW ${identifier(source.name)} AS SELECT ${list} FROM (${history})`);
}

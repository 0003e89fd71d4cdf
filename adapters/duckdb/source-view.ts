import type { CompiledSource } from '../../core/definitions/compiled.ts';
import type { Session } from './engine.ts';
import { identifier } from './quoting.ts';

/**
 * Runs the action while the sources can be read by their names, as spine queries do. Afterwards the names are free for
 * the tables of the join.
 *
 * @param history a query for a source's history
 */
export async function withSourceViews<T>(
  session: Session,
  sources: readonly CompiledSource[],
  history: (source: CompiledSource) => string,
  action: () => Promise<T>,
): Promise<T> {
  for (const source of sources) await createSourceView(session, source, history(source));
  const result = await action();
  for (const { name } of sources) await session.run(`DROP VIEW ${identifier(name)}`);
  return result;
}

/** A source's fields, and its declared time columns (and event id) as the columns they were declared as. */
async function createSourceView(session: Session, source: CompiledSource, history: string): Promise<void> {
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

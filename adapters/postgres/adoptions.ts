import { AsofError } from '../../core/errors/asof-error.ts';
import type { Adoption, Adoptions } from '../../core/ports/adoptions.ts';
import { type Polling, watchRevision } from './revision-watch.ts';
import type { SqlClient } from './sql-client.ts';

const channel = 'asof_adoptions';

/** Fills and their numbers in the registry's database. Numbers are exact as doubles for 200 years. */
export function createSqlAdoptions(
  client: SqlClient,
  polling: Polling | null,
): Adoptions & { readonly stop: () => Promise<void> } {
  const readNumber = async (): Promise<number> => {
    const [row] = await client.query<{ number: number }>('SELECT number::float8 AS number FROM asof.adoption_number');
    return row?.number ?? 0;
  };
  const watching = watchRevision(client, polling, { channel, read: readNumber });
  return {
    async begin({ view, version, token }) {
      await client.query(
        `INSERT INTO asof.fills (view, version, token) VALUES ($1, $2, $3)
         ON CONFLICT (view, version) DO UPDATE SET token = excluded.token, number = NULL, positions = NULL`,
        [view, version, token],
      );
    },
    publish: (fill, positions) =>
      client.transaction(async (connection) => {
        // The row stays locked to the end: numbers become visible in their order.
        const [row] = await connection.query<{ number: number }>(
          `UPDATE asof.adoption_number
           SET number = greatest(number + 1, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)
           RETURNING number::float8 AS number`,
        );
        const number = row!.number;
        const adoption: Adoption = { ...fill, number, positions: Object.fromEntries(positions) };
        const published = await connection.query(
          `UPDATE asof.fills SET number = $1::float8::bigint, positions = $2::text::json
           WHERE view = $3 AND version = $4 AND token = $5 RETURNING view`,
          [number, JSON.stringify(adoption.positions), fill.view, fill.version, fill.token],
        );
        if (published.length === 0) throw replaced(fill);
        await connection.query('SELECT pg_notify($1, $2)', [channel, String(number)]);
        return adoption;
      }),
    list: () =>
      client.query<Adoption>(
        `SELECT view, version, token, number::float8 AS number, positions
         FROM asof.fills WHERE number IS NOT NULL ORDER BY fills.number`,
      ),
    watch: (onPublished) => watching.add(onPublished),
    stop: () => watching.stop(),
  };
}

function replaced({ view, version }: Pick<Adoption, 'view' | 'version'>): AsofError {
  return new AsofError('CONFLICT', 'another process has begun to fill the view since', {
    path: `${view} version ${version}`,
    remedy: 'It is filled again by itself',
  });
}

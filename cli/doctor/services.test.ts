import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../core/ports/health-check.ts';
import { collected } from '../../test/health/findings.ts';
import { temporaryFolders } from '../../test/processes/temporary-folders.ts';
import { freePort } from '../../test/services/free-port.ts';
import { oldestNode } from './machine.ts';
import { examine } from './services.ts';

const newFolder = temporaryFolders('doctor');

async function findings(env: Record<string, string>, nodeVersion = process.versions.node): Promise<Finding[]> {
  return collected(examine({ env, nodeVersion, definitions: null }));
}
const failing = (all: readonly Finding[]): Finding[] => all.filter(({ level }) => level === 'fail');

describe('the doctor without servers', () => {
  it('finds nothing wrong with a folder that can be made, and leaves nothing there', async () => {
    const folder = newFolder();
    const all = await findings({ ASOF_DATA_DIR: join(folder, 'new', 'data') });
    expect(failing(all)).toEqual([]);
    expect(new Set(all.map(({ service }) => service))).toEqual(
      new Set(['environment', 'machine', 'data folder', 'offline folder', 'clock']),
    );
    for (const { level, remedy, expected } of all) {
      expect(remedy === null).toBe(level === 'ok');
      expect(expected === null).toBe(level === 'ok');
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it('names a folder that cannot be written to', async () => {
    const folder = newFolder();
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const [inTheWay] = failing(await findings({ ASOF_DATA_DIR: join(file, 'data') }));
    expect(inTheWay).toMatchObject({ service: 'data folder', remedy: expect.stringContaining('ASOF_DATA_DIR') });
    expect(inTheWay!.what).toContain(file);
    // Root may write wherever it is not the kernel that says no.
    const readOnly = process.getuid?.() === 0 ? '/proc/self' : join(folder, 'read-only');
    if (process.getuid?.() !== 0) {
      mkdirSync(readOnly);
      chmodSync(readOnly, 0o555);
    }
    expect(failing(await findings({ ASOF_DATA_DIR: readOnly }))[0]).toMatchObject({ service: 'data folder' });
  });

  it('tells all that is wrong with the variables, and no secret', async () => {
    const all = await findings({ DATABASE_URL: 'mysql://u:secret@h', PORT: 'x', ASOF_DATA_DIR: newFolder() });
    expect(all).toHaveLength(1);
    expect(all[0]).toMatchObject({ service: 'environment', level: 'fail' });
    expect(all[0]!.got).toMatch(/PORT.*DATABASE_URL/);
    expect(JSON.stringify(all)).not.toContain('secret');
  });

  it('says of each server that does not answer where it was looked for', async () => {
    const port = await freePort();
    const all = await findings({
      ASOF_DATA_DIR: newFolder(),
      DATABASE_URL: `postgres://u:secret@127.0.0.1:${port}/d`,
      REDIS_URL: `redis://:secret@127.0.0.1:${port}`,
      SCHEMA_REGISTRY_URL: `http://u:secret@127.0.0.1:${port}`,
    });
    const [database, online, schemas] = failing(all);
    expect(database).toMatchObject({ service: 'PostgreSQL', what: `connection 127.0.0.1:${port}/d` });
    expect(database!.got).toContain('ECONNREFUSED');
    expect(online).toMatchObject({ service: 'Redis', what: `connection redis 127.0.0.1:${port}` });
    expect(schemas).toMatchObject({ service: 'schema registry', got: expect.stringContaining('ECONNREFUSED') });
    expect(JSON.stringify(all)).not.toContain('secret');
  });

  it('takes any answer of a schema registry for one, unless it asks who we are', async () => {
    let status = 404;
    const server = createServer((_, response) => response.writeHead(status).end('{}')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const env = { ASOF_DATA_DIR: newFolder(), SCHEMA_REGISTRY_URL: `http://127.0.0.1:${port}` };
    expect(failing(await findings(env))).toEqual([]);
    status = 401;
    expect(failing(await findings(env))).toMatchObject([{ service: 'schema registry' }]);
    server.close();
  });

  it('refuses a clock behind what was given out, a missing certificate and an old Node', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'clock.json'), `{"asofClock":1,"reserved":${Date.now() + 3_600_000}}\n`);
    const env = {
      ASOF_DATA_DIR: folder,
      DATABASE_URL: 'postgres://h/d',
      DATABASE_CA_FILE: join(folder, 'none.pem'),
      ASOF_DUCKDB_MEMORY: '900000GB',
    };
    const all = await findings(env, '20.18.3');
    expect(failing(all)).toMatchObject([
      { what: 'Node', got: '20.18.3', expected: `${oldestNode} or newer` },
      { what: 'system time, UTC' },
      { what: 'files DATABASE_CA_FILE' },
    ]);
    expect(all).toContainEqual(expect.objectContaining({ what: 'memory for joins', level: 'warn' }));
    expect(JSON.parse(readFileSync('package.json', 'utf8')).engines.node).toBe(`>=${oldestNode}`);
  });
});

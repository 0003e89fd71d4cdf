import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { waitFor } from '../e2e/asof-process.ts';
import { temporaryFolders } from '../processes/temporary-folders.ts';
import { freePort } from '../services/free-port.ts';
import { type LaidOutImage, layOutImage } from './laid-out-image.ts';

const newFolder = temporaryFolders('image');
const isRoot = process.getuid?.() === 0;

// Only root can be an unprivileged user in a folder of its own, and then the owner of what that one may not change.
describe.skipIf(!isRoot)('the image, laid out as an unprivileged user in an empty folder (needs root)', () => {
  let image: LaidOutImage;
  beforeAll(async () => {
    image = await layOutImage(newFolder());
  }, 600_000);

  it('tells its version', async () => {
    expect(await image.run(['--version'])).toBe(`${packageJson.version}\n`);
  });

  it('has the packages of production only, and of its own files none that its user may change', () => {
    for (const name of Object.keys(packageJson.dependencies)) {
      expect(existsSync(image.place(`/asof/node_modules/${name}`)), name).toBe(true);
    }
    for (const name of ['typescript', 'vitest', '@biomejs/biome']) {
      expect(existsSync(image.place(`/asof/node_modules/${name}`)), name).toBe(false);
    }
    const writable = readdirSync(image.place('/asof'), { recursive: true, encoding: 'utf8' }).filter((path) => {
      const file = lstatSync(image.place(`/asof/${path}`));
      return file.uid !== 0 || file.gid !== 0 || (!file.isSymbolicLink() && (file.mode & 0o022) !== 0);
    });
    expect(writable).toEqual([]);
  });

  it('refuses to be reached from elsewhere without tokens, which is what its own HOST asks for', async () => {
    const refused = image.run(['serve'], { PORT: '0' });
    await expect(refused).rejects.toThrow('refuses to listen on 0.0.0.0 without authentication');
  });

  it('serves definitions, is well by its own check, and ends cleanly', async () => {
    await image.run(['init', image.place('/tmp/project')]);
    const port = await freePort();
    await expect(image.checkHealth(port)).rejects.toThrow();
    const definitions = ['--definitions', image.place('/tmp/project/features.ts')];
    const child = image.start(['serve', ...definitions], { HOST: '127.0.0.1', PORT: String(port) });
    let output = '';
    child.stdout?.on('data', (text) => (output += text));
    child.stderr?.on('data', (text) => (output += text));
    const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
    try {
      const url = `http://127.0.0.1:${port}`;
      const isReady = async () => {
        const { status } = await fetch(`${url}/readyz`).catch(() => ({ status: 0 }));
        return status === 200 ? true : undefined;
      };
      await waitFor(isReady, 60_000, child, () => output);
      await image.checkHealth(port);
      const health = await fetch(`${url}/healthz`);
      expect(await health.json()).toEqual({ status: 'ok', role: 'all', pid: child.pid });
      const answer = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: '{ registryRevision }' }),
      });
      expect(await answer.json()).toEqual({ data: { registryRevision: 1 } });
    } finally {
      child.kill('SIGTERM');
    }
    expect(await ended).toBe(0);
    expect(readdirSync(image.place('/var/lib/asof/data'))).toContain('registry');
  });
});

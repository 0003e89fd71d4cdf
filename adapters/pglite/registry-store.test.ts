import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registryStoreContract } from '../../test/contracts/registry-store.ts';
import { openPgliteRegistry } from './registry-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'asof-pglite-'));

registryStoreContract('pglite', { open: () => openPgliteRegistry({ folder }), isShared: false });

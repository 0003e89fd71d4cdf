import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, inject, it } from 'vitest';
import { describeWithService } from '../services/find-program.ts';
import { redisCluster } from '../services/redis-cluster.ts';
import { enginesNeeded, startEngines, startLosableCluster } from './engines.ts';
import { writeReport } from './report.ts';
import './settings.ts';
import { strike } from './strike.ts';
import { startWorld, type World } from './world.ts';

const { seed } = inject('chaos');
const needed = { ...enginesNeeded, program: redisCluster.program === null ? null : enginesNeeded.program };

describeWithService(`a fault of Redis Cluster (seed ${seed})`, needed, () => {
  let world: World;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'asof-chaos-'));
    world = await startWorld(folder, seed, await startEngines(startLosableCluster()));
  }, 180_000);
  afterAll(async () => {
    await world?.producer.stop();
    await world?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
    writeReport(inject('chaos'));
  });

  it('9: a master of the cluster is killed for good', { timeout: 400_000 }, () =>
    strike(world, {
      number: 9,
      name: 'a master of a Redis Cluster is killed for good',
      strike: ({ engines: { redis } }) => redis.kill(),
    }),
  );
});

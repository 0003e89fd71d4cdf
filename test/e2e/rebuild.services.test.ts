import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithService } from '../services/find-program.ts';
import { type RedisServer, redis, startRedis } from '../services/redis.ts';
import { type AsofProcess, startServe, waitFor } from './asof-process.ts';
import { runAsof } from './run-command.ts';

const users = ['ada', 'bob', 'eve'] as const;
type User = (typeof users)[number];

interface Purchases {
  readonly purchases24h: number | null;
  readonly meta: { readonly status: string; readonly readAt: string };
}

/** The tests go on from one another, on one Redis and one data folder. */
describeWithService('asof rebuild on Redis', redis, () => {
  let folder: string;
  let server: RedisServer;
  let admin: Redis;
  let asof: AsofProcess;
  const pushed: Record<User, number> = { ada: 0, bob: 0, eve: 0 };
  const start = async (): Promise<void> => {
    const env = { REDIS_URL: server.url, ASOF_REFILL: 'manual' };
    asof = await startServe(join(folder, 'project', 'features.ts'), join(folder, 'data'), env);
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'asof-rebuild-'));
    expect(await runAsof(['init', 'project'], { cwd: folder })).toMatchObject({ exitCode: 0 });
    server = await startRedis();
    admin = new Redis(server.url);
    await start();
    await asof.ready(60_000);
  });
  afterAll(async () => {
    await asof?.stop('SIGKILL');
    admin?.disconnect();
    await server?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  let purchaseId = 0;
  const push = async (): Promise<void> => {
    const purchasedAt = new Date(Date.now() - 60_000).toISOString();
    const events = users.flatMap((userId, index) =>
      Array.from({ length: index + 1 }, () => ({
        purchaseId: `p${purchaseId++}`,
        userId,
        amount: '1.50',
        purchasedAt,
      })),
    );
    await asof.query(
      'mutation($events: [JSON!]!) { push(input: {source: "purchases", events: $events}) { accepted } }',
      {
        events,
      },
    );
    for (const { userId } of events) pushed[userId]++;
  };
  const read = async (id: User): Promise<Purchases> => {
    const query = 'query($id: String!) { user(id: $id) { userPurchases { purchases24h meta { status readAt } } } }';
    return (await asof.query<{ user: { userPurchases: Purchases } }>(query, { id })).user.userPurchases;
  };
  const statuses = async (): Promise<string[]> => Promise.all(users.map(async (id) => (await read(id)).meta.status));
  /** All that was pushed, once each, online as by the oracle and from history. */
  const expectWhole = async (): Promise<void> => {
    for (const id of users) {
      const online = await waitFor(async () => {
        const now = await read(id);
        return now.purchases24h === pushed[id] ? now : undefined;
      }, 20_000);
      const { explain, user } = await asof.query<{
        explain: { agrees: boolean; value: number };
        user: { asOf: { userPurchases: Pick<Purchases, 'purchases24h'> } };
      }>(
        `query($id: String!, $key: JSON!, $at: DateTime!) {
           explain(input: { feature: "user_purchases.purchases_24h", key: $key }) { agrees value }
           user(id: $id) { asOf(time: $at) { userPurchases { purchases24h } } }
         }`,
        { id, key: { id }, at: online.meta.readAt },
      );
      expect(explain).toEqual({ agrees: true, value: pushed[id] });
      expect(user.asOf.userPurchases.purchases24h).toBe(pushed[id]);
    }
  };
  const rebuild = (...args: string[]) => runAsof(['rebuild', ...args], { env: { ASOF_URL: asof.url } });

  it('fills an emptied store while events go on coming; until then reads say NOT_READY', async () => {
    for (let round = 0; round < 30; round++) await push();
    await expectWhole();
    let isStreaming = true;
    const streaming = (async () => {
      while (isStreaming) await push();
    })();
    await admin.flushall();
    expect(await statuses()).toEqual(['NOT_READY', 'NOT_READY', 'NOT_READY']);
    await waitFor(() => (asof.output().includes('asof rebuild') ? true : undefined), 20_000);
    expect(await statuses()).toEqual(['NOT_READY', 'NOT_READY', 'NOT_READY']);
    expect((await fetch(`${asof.url}/readyz`)).status).toBe(503);

    const ended = await rebuild('--json');
    expect(ended).toMatchObject({ exitCode: 0, err: '' });
    expect(JSON.parse(ended.out)).toMatchObject({ state: 'SUCCEEDED', keysWritten: expect.any(Number) });
    expect(await statuses()).toEqual(['PRESENT', 'PRESENT', 'PRESENT']);
    await push();
    isStreaming = false;
    await streaming;
    await expectWhole();
    expect((await rebuild()).out).toBe('nothing was missing\n');
  });

  it('with --discard fills what was evicted under markers that stayed', async () => {
    const [key] = await admin.keys('f:user|ada:*');
    await admin.del(key!);
    expect((await read('ada')).purchases24h).not.toBe(pushed.ada);
    expect((await rebuild('user_purchases', '--discard')).exitCode).toBe(0);
    await expectWhole();
  });

  it('goes on after kill -9', async () => {
    await admin.del((await admin.keys('f:user|bob:*'))[0]!);
    const mutation = 'mutation { rebuild(input: {discard: true}) { job { kind } errors { message } } }';
    expect(await asof.query(mutation)).toEqual({ rebuild: { job: { kind: 'REBUILD' }, errors: [] } });
    await asof.stop('SIGKILL');
    await start();
    await asof.ready(60_000);
    await expectWhole();
  });
});

import { readFileSync } from 'node:fs';
import { AclOperationTypes, AclPermissionTypes, AclResourceTypes, type Admin, Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Finding } from '../../core/ports/health-check.ts';
import { collected } from '../../test/health/findings.ts';
import { describeWithService } from '../../test/services/find-program.ts';
import { type KafkaServer, kafka, startKafka } from '../../test/services/kafka.ts';
import { createSystemClock } from '../clock/system-clock.ts';
import { openKafkaDeadLetters } from './dead-letters.ts';
import { openKafkaEventLog } from './event-log.ts';
import { kafkaHealth } from './health.ts';
import type { KafkaSecurity } from './security.ts';

const systemClock = createSystemClock();
const user = { username: 'asof', password: 'open-sesame' };
const security: KafkaSecurity = { tls: null, sasl: { mechanism: 'PLAIN', ...user } };

type Resource = keyof typeof AclResourceTypes;
type Operation = keyof typeof AclOperationTypes;

/** As docs/operations.md lists them: `resource name: OPERATION, …`. */
function documentedRights(): { resource: Resource; name: string; isPrefix: boolean; operations: Operation[] }[] {
  const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
  const lines = [...page.matchAll(/^(cluster|group|topic) (?:([a-z.-]+)(\*?) )?([A-Z_]+(?: [A-Z_]+)*)$/gm)];
  return lines.map(([, resource, name, star, operations]) => ({
    resource: resource!.toUpperCase() as Resource,
    name: name ?? 'kafka-cluster',
    isPrefix: star === '*',
    operations: operations!.split(' ') as Operation[],
  }));
}

describeWithService('Kafka with ACLs', kafka, () => {
  let server: KafkaServer;
  let admin: Admin;
  beforeAll(async () => {
    const authorizer = 'org.apache.kafka.metadata.authorizer.StandardAuthorizer';
    const settings = { 'authorizer.class.name': authorizer, 'super.users': 'User:ANONYMOUS' };
    server = await startKafka(settings, { ...user, certificates: null });
    admin = new Kafka({ brokers: [server.brokers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
  });
  afterAll(async () => {
    await admin?.disconnect();
    await server?.[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    const any = { operation: AclOperationTypes.ANY, permissionType: AclPermissionTypes.ANY };
    await admin.deleteAcls({ filters: [{ resourceType: AclResourceTypes.ANY, resourcePatternType: 1, ...any }] });
  });

  const grant = async (resource: Resource, name: string, operations: readonly Operation[], isPrefix = false) => {
    const acl = operations.map((operation) => ({
      resourceType: AclResourceTypes[resource],
      resourceName: name,
      resourcePatternType: isPrefix ? 4 : 3,
      principal: `User:${user.username}`,
      host: '*',
      operation: AclOperationTypes[operation],
      permissionType: AclPermissionTypes.ALLOW,
    }));
    await admin.createAcls({ acl });
  };
  const open = () => openKafkaEventLog({ brokers: [server.secureBrokers], systemClock, security });
  const letters = () =>
    openKafkaDeadLetters({ brokers: [server.secureBrokers], systemClock, security, topic: 'asof.dead-letters' });
  const examine = (...topics: string[]): Promise<Finding[]> =>
    collected(
      kafkaHealth({
        ...{ brokers: [server.secureBrokers], systemClock, security, group: 'ingest', topics },
        deadLetterTopic: 'asof.dead-letters',
      }).checks(),
    );
  const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;

  it('leaves no connection when the user may not write idempotently, and says what to grant', async () => {
    const before = sockets();
    await expect(open()).rejects.toThrow(/Grant IDEMPOTENT_WRITE on the cluster/);
    await expect(letters()).rejects.toThrow(/Grant IDEMPOTENT_WRITE on the cluster/);
    expect(await examine()).toMatchObject([{ level: 'fail', remedy: expect.stringContaining('IDEMPOTENT_WRITE') }]);
    await expect.poll(sockets).toBe(before);
  });

  it('leaves no connection where SASL is wanted and not spoken, and says so', async () => {
    const before = sockets();
    const plain = openKafkaEventLog({ brokers: [server.secureBrokers], systemClock });
    await expect(plain).rejects.toThrow(/KAFKA_TLS.*KAFKA_SASL_MECHANISM/);
    await expect.poll(sockets).toBe(before);
  });

  it('names the topic that may not be made, read or described, and what to grant', async () => {
    const before = sockets();
    await grant('CLUSTER', 'kafka-cluster', ['IDEMPOTENT_WRITE']);
    {
      await using log = await open();
      const pushed = log.append('push.a', [{ key: 'k', payload: Buffer.from('1') }]);
      await expect(pushed).rejects.toThrow(/push\.a: Not authorized.*CREATE/);
    }
    await expect(letters()).rejects.toThrow(/asof\.dead-letters: Not authorized.*CREATE/);
    await admin.createTopics({ topics: [{ topic: 'theirs' }] });
    await grant('TOPIC', 'theirs', ['DESCRIBE']);
    const all = await examine('theirs', 'push.a');
    const failing = all.filter(({ level }) => level === 'fail');
    expect(failing).toMatchObject([
      { what: 'consumer group ingest', remedy: 'Grant READ and DESCRIBE on the group ingest' },
      { what: expect.stringContaining('topic theirs'), got: expect.stringContaining('theirs: Not authorized') },
      { what: expect.stringContaining('topic push.a'), remedy: expect.stringContaining('CREATE') },
      { what: expect.stringContaining('topic asof.dead-letters'), remedy: expect.stringContaining('CREATE') },
    ]);
    const log = await open();
    const consume = () =>
      log.consume({
        ...{ group: 'ingest', topics: ['theirs'], maxBatchRecords: 1, signal: AbortSignal.timeout(20_000) },
        onBatch: async () => {},
      });
    await expect(consume()).rejects.toThrow(/Grant READ and DESCRIBE on the group/);
    await grant('GROUP', 'ingest', ['READ', 'DESCRIBE']);
    await expect(consume()).rejects.toThrow(/theirs: Not authorized.*Grant DESCRIBE, READ/);
    await log[Symbol.asyncDispose]();
    await expect.poll(sockets).toBe(before);
  });

  it('serves a user with no more than the documented rights', async () => {
    const rights = documentedRights();
    expect(rights).toHaveLength(4);
    for (const { resource, name, isPrefix, operations } of rights) await grant(resource, name, operations, isPrefix);
    await using log = await open();
    await log.append('push.b', [{ key: 'k', payload: Buffer.from('hello') }]);
    const stop = new AbortController();
    await log.consume({
      ...{ group: 'ingest', topics: ['push.b'], maxBatchRecords: 10, signal: stop.signal },
      async onBatch({ records }) {
        await log.commit('ingest', 'push.b', new Map([[records[0]!.partition, records[0]!.offset + 1]]));
        stop.abort();
      },
    });
    expect([...(await log.committed('ingest', 'push.b')).values()]).toMatchObject([{ offset: 1 }]);
    await using box = await letters();
    const letter = { source: 's', origin: 'push.b', partition: 0, offset: 0, at: 1, code: 'BAD_RECORD', reason: 'odd' };
    await box.put([{ ...letter, payload: 'hello' }]);
    expect(await box.list('s', 10)).toMatchObject([letter]);
    expect((await examine('push.b')).filter(({ level }) => level === 'fail')).toEqual([]);
  });
});

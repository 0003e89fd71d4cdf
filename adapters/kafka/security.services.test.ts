import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventLog } from '../../core/ports/event-log.ts';
import { type Certificates, makeCertificates, openssl } from '../../test/services/certificates.ts';
import { describeWithService } from '../../test/services/find-program.ts';
import { type KafkaServer, kafka, startKafka } from '../../test/services/kafka.ts';
import { createSystemClock } from '../clock/system-clock.ts';
import { openKafkaEventLog } from './event-log.ts';
import { type KafkaSecurity, saslMechanisms } from './security.ts';

const systemClock = createSystemClock();
const user = { username: 'asof', password: 'open-sesame' };

async function open(server: KafkaServer, security: KafkaSecurity): Promise<EventLog> {
  return openKafkaEventLog({ brokers: [server.secureBrokers], systemClock, security, times: { waitMillis: 50 } });
}

/** Appends and consumes, as a member of a group, by connections of its own. */
async function goesThrough(log: EventLog, topic: string): Promise<void> {
  await log.append(topic, [{ key: 'k', payload: Buffer.from('hello') }]);
  const stop = new AbortController();
  const taken: string[] = [];
  await log.consume({
    group: `of-${topic}`,
    topics: [topic],
    maxBatchRecords: 10,
    signal: stop.signal,
    async onBatch({ records }) {
      taken.push(...records.map(({ payload }) => Buffer.from(payload).toString()));
      stop.abort();
    },
  });
  expect(taken).toEqual(['hello']);
}

const program = kafka.program === null || openssl.program === null ? null : kafka.program;

describeWithService('Kafka behind SASL', { program, install: `${kafka.install}; ${openssl.install}` }, () => {
  describe.each([
    { over: 'TLS', isTls: true },
    { over: 'plain connections', isTls: false },
  ])('over $over', ({ isTls }) => {
    let folder: string;
    let server: KafkaServer;
    let certificates: Certificates | null = null;
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'asof-kafka-access-'));
      if (isTls) certificates = makeCertificates(folder);
      server = await startKafka({}, { ...user, certificates });
    });
    afterAll(async () => {
      await server?.[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    });
    const tls = (): KafkaSecurity['tls'] =>
      certificates === null ? null : { ca: readFileSync(certificates.ca, 'utf8') };

    it.each(saslMechanisms)('lets in who knows the password, by %s', async (mechanism) => {
      await using log = await open(server, { tls: tls(), sasl: { mechanism, ...user } });
      await goesThrough(log, `topic-${mechanism}`);
    });

    it('says who was not let in, without the password', async () => {
      const sasl = { mechanism: 'SCRAM-SHA-256', username: 'asof', password: 'close-sesame' } as const;
      const refused = await open(server, { tls: tls(), sasl }).catch((error: Error) => error.message);
      expect(refused).toMatch(/Kafka did not let us in; got SASL.*Check KAFKA_SASL_MECHANISM, KAFKA_USERNAME/);
      expect(refused).not.toContain('sesame');
    });

    if (!isTls) return;
    it('refuses brokers whose certificates nobody trusts', async () => {
      const sasl = { mechanism: 'PLAIN', ...user } as const;
      await expect(open(server, { tls: {}, sasl })).rejects.toThrow(/self-signed|unable to (get|verify)/);
    });
  });
});

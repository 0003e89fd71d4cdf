import { expect, it } from 'vitest';
import { kafkaErrorOf } from './asking.ts';

const of = (message: string, topics: readonly string[] = []) =>
  kafkaErrorOf(['b:9092'], new Error(message), topics).message;

it.each([
  ['Connection error: self-signed certificate in certificate chain', /KAFKA_CA_FILE/],
  ["Connection error: Hostname/IP does not match certificate's altnames: IP: 127.0.0.1", /as their certificates do/],
  ['Connection error: ssl3_read_bytes:tlsv13 alert certificate required', /KAFKA_CERT_FILE/],
  ['SASL PLAIN authentication failed: Authentication failed', /KAFKA_PASSWORD/],
  ['Closed connection', /KAFKA_TLS.*KAFKA_SASL_MECHANISM/],
  ['Cluster authorization failed', /Grant IDEMPOTENT_WRITE on the cluster/],
  ['Not authorized to access group: Group authorization failed', /Grant READ and DESCRIBE on the group/],
  ['Connection error: connect ECONNREFUSED', /KAFKA_BROKERS/],
])('says of "%s" what to do', (message, remedy) => {
  expect(of(message)).toMatch(remedy);
  expect(of(message)).toContain(`b:9092: `);
  expect(of(message)).not.toContain('doctor');
});

it('names the topics that may not be used, or not be made', () => {
  const refused = 'Not authorized to access topics: [Topic authorization failed]';
  expect(of(refused, ['clicks'])).toMatch(
    /got clicks: Not authorized.*Grant DESCRIBE, READ and WRITE on it, and CREATE/,
  );
  const part = Object.assign(new Error(refused), { topic: 'push.a' });
  const made = kafkaErrorOf([], Object.assign(new Error('Topic creation errors'), { errors: [part] }), []);
  expect(made.message).toMatch(/got push.a: Not authorized/);
});

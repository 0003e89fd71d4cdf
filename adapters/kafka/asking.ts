import { AsofError } from '../../core/errors/asof-error.ts';

/** What Kafka refuses or does not answer is UNAVAILABLE; our own errors stay what they are. */
export async function askingKafka<T>(
  brokers: readonly string[],
  work: () => Promise<T>,
  /** Which it is about, since Kafka does not say it. */
  topics: readonly string[] = [],
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AsofError || !(error instanceof Error)) throw error;
    throw kafkaErrorOf(brokers, error, topics);
  }
}

/** Whether it is about Kafka, rather than about what was done with its records. */
export function isOfKafka(error: unknown): error is Error {
  return error instanceof Error && error.name.startsWith('KafkaJS');
}

/** What failed, in our words, and what to do about it. */
export function kafkaErrorOf(brokers: readonly string[], error: Error, topics: readonly string[]): AsofError {
  const got = whatItSays(error, topics);
  const { summary, remedy } = kinds.find(({ says }) => says.test(got)) ?? noAnswer;
  return new AsofError('UNAVAILABLE', summary, { path: brokers.join(','), got, remedy }, { cause: error });
}

/** Of several topics kafkajs says only that something failed, and what did beside it. */
function whatItSays(error: Error, topics: readonly string[]): string {
  const parts = 'errors' in error && Array.isArray(error.errors) ? (error.errors as readonly Error[]) : [];
  if (parts.length > 0) {
    return parts.map((part) => ('topic' in part ? `${part.topic}: ${part.message}` : part.message)).join(', ');
  }
  const isOfTopics = /access topics/.test(error.message) && topics.length > 0;
  return isOfTopics ? `${topics.join(', ')}: ${error.message}` : error.message;
}

/** The first that fits. */
const kinds = [
  {
    says: /alert.*certificate|certificate required/i,
    summary: 'Kafka did not take our certificate',
    remedy: 'Set KAFKA_CERT_FILE and KAFKA_KEY_FILE to a certificate that the brokers trust, and its key.',
  },
  {
    says: /certificate|altnames/i,
    summary: 'this is not a Kafka broker that we trust',
    remedy:
      'Set KAFKA_CA_FILE to the certificate of the authority that signed the brokers’, and name the brokers in KAFKA_BROKERS and their advertised.listeners as their certificates do.',
  },
  {
    says: /SASL|authenticat/i,
    summary: 'Kafka did not let us in',
    remedy: 'Check KAFKA_SASL_MECHANISM, KAFKA_USERNAME and KAFKA_PASSWORD.',
  },
  {
    says: /closed connection|before secure TLS|wrong version number|SSL routines/i,
    summary: 'Kafka closed the connection',
    remedy:
      'See what this listener wants: TLS (KAFKA_TLS, KAFKA_CA_FILE), SASL (KAFKA_SASL_MECHANISM, KAFKA_USERNAME, KAFKA_PASSWORD), both or neither; and that the brokers run.',
  },
  {
    says: /cluster authorization failed/i,
    summary: 'Kafka does not let us write idempotently',
    remedy: 'Grant IDEMPOTENT_WRITE on the cluster, as docs/operations.md says.',
  },
  {
    // The second is all that kafkajs says of a group that we may not use.
    says: /access group|find group coordinator/i,
    summary: 'Kafka does not let us use the consumer group',
    remedy: 'Grant READ and DESCRIBE on the group, as docs/operations.md says; or see that its coordinator runs.',
  },
  {
    says: /access topics/i,
    summary: 'Kafka does not let us use a topic',
    remedy: 'Grant DESCRIBE, READ and WRITE on it, and CREATE unless you make it yourself, as docs/operations.md says.',
  },
] as const;

const noAnswer = {
  summary: 'Kafka did not do what it was asked',
  remedy: 'Check that the brokers run, and that KAFKA_BROKERS names them.',
};

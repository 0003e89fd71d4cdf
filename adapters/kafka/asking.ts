import { AsofError } from '../../core/errors/asof-error.ts';

/** What Kafka refuses or does not answer is UNAVAILABLE; our own errors stay what they are. */
export async function askingKafka<T>(brokers: readonly string[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AsofError || !(error instanceof Error)) throw error;
    const isRefused = /SASL|authenticat/i.test(error.message);
    throw new AsofError(
      'UNAVAILABLE',
      isRefused ? 'Kafka did not let us in' : 'Kafka did not do what it was asked',
      {
        path: brokers.join(','),
        got: error.message,
        remedy: isRefused
          ? 'Check KAFKA_SASL_MECHANISM, KAFKA_USERNAME and KAFKA_PASSWORD.'
          : 'Check that the brokers run, and what `asof doctor` says.',
      },
      { cause: error },
    );
  }
}

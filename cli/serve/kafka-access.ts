import { readFile } from 'node:fs/promises';
import { type KafkaSecurity, saslMechanisms } from '../../adapters/kafka/security.ts';
import { AsofError } from '../../core/errors/asof-error.ts';

/** How Kafka is to be reached, as the environment says it; files are not read yet. */
export interface KafkaAccess {
  /** KAFKA_TLS, or any of the files. */
  readonly isTls: boolean;
  /** KAFKA_CA_FILE: who may have signed the brokers' certificates; null = whom Node trusts. */
  readonly caFile: string | null;
  /** KAFKA_CERT_FILE and KAFKA_KEY_FILE: who we are, where brokers ask for a certificate. */
  readonly own: { readonly certificateFile: string; readonly keyFile: string } | null;
  /** KAFKA_SASL_MECHANISM, KAFKA_USERNAME and KAFKA_PASSWORD. */
  readonly sasl: KafkaSecurity['sasl'];
}

type Environment = Readonly<Record<string, string | undefined>>;

export function readKafkaAccess(env: Environment, problems: string[]): KafkaAccess {
  const caFile = env.KAFKA_CA_FILE || null;
  const [certificateFile, keyFile] = [env.KAFKA_CERT_FILE || null, env.KAFKA_KEY_FILE || null];
  if ((certificateFile === null) !== (keyFile === null)) {
    problems.push('KAFKA_CERT_FILE, KAFKA_KEY_FILE: expected both or none');
  }
  const own = certificateFile === null || keyFile === null ? null : { certificateFile, keyFile };
  const said = env.KAFKA_TLS || 'false';
  if (said !== 'true' && said !== 'false') {
    problems.push(`KAFKA_TLS: expected true or false, got ${JSON.stringify(said)}`);
  }
  return { isTls: said === 'true' || caFile !== null || own !== null, caFile, own, sasl: readSasl(env, problems) };
}

function readSasl(env: Environment, problems: string[]): KafkaSecurity['sasl'] {
  const { KAFKA_SASL_MECHANISM: said, KAFKA_USERNAME: username, KAFKA_PASSWORD: password } = env;
  if (!said && !username && !password) return null;
  const mechanism = saslMechanisms.find((known) => known === said);
  if (mechanism === undefined) {
    problems.push(`KAFKA_SASL_MECHANISM: expected ${saslMechanisms.join(', ')}, got ${JSON.stringify(said ?? '')}`);
  }
  if (!username) problems.push('KAFKA_USERNAME: expected a name, since SASL is asked for');
  if (!password) problems.push('KAFKA_PASSWORD: expected a password, since SASL is asked for');
  return mechanism && username && password ? { mechanism, username, password } : null;
}

/** Reads the files. BAD_INPUT when one cannot be read, or holds something else. */
export async function openKafkaAccess({ isTls, caFile, own, sasl }: KafkaAccess): Promise<KafkaSecurity> {
  if (!isTls) return { tls: null, sasl };
  const ca = caFile === null ? null : await readPemFile('KAFKA_CA_FILE', caFile);
  const identity =
    own === null
      ? null
      : {
          certificate: await readPemFile('KAFKA_CERT_FILE', own.certificateFile),
          key: await readPemFile('KAFKA_KEY_FILE', own.keyFile, 'PRIVATE KEY'),
        };
  return { tls: { ...(ca !== null && { ca }), ...(identity !== null && { own: identity }) }, sasl };
}

export async function readPemFile(
  variable: string,
  path: string,
  holds: 'CERTIFICATE' | 'PRIVATE KEY' = 'CERTIFICATE',
): Promise<string> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const got = error instanceof Error ? error.message : String(error);
    const remedy = `Set ${variable} to a file that this user may read.`;
    throw new AsofError('BAD_INPUT', 'a key or certificate cannot be read', { path: variable, got, remedy });
  }
  // As in `BEGIN RSA PRIVATE KEY`.
  if (new RegExp(`^-----BEGIN ([A-Z0-9]+ )*${holds}-----`, 'm').test(text)) return text;
  throw new AsofError('BAD_INPUT', 'not the PEM file that it should be', {
    path: variable,
    expected: `-----BEGIN ${holds}-----`,
    got: `none in ${path}`,
    remedy: `Set ${variable} to a PEM file that holds one; openssl makes PEM of other forms.`,
  });
}

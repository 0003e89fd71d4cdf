import { AsofError } from '../../core/errors/asof-error.ts';

/** A schema as a Confluent-compatible registry has it. */
export interface RegisteredSchema {
  readonly type: 'AVRO' | 'PROTOBUF' | 'JSON';
  readonly text: string;
  /** What it refers to by name, those that others need first. */
  readonly references: readonly { readonly name: string; readonly schema: RegisteredSchema }[];
}

export interface SchemaRegistry {
  /** null = the registry has none of this id. UNAVAILABLE when it does not answer. Ids are for ever: each is asked for once. */
  byId(id: number): Promise<RegisteredSchema | null>;
}

export interface SchemaRegistryOptions {
  /** With user and password, where it asks for them. */
  readonly url: string;
  readonly timeoutMillis?: number;
}

interface Answer {
  readonly schema: string;
  readonly schemaType?: RegisteredSchema['type'];
  readonly references?: readonly { readonly name: string; readonly subject: string; readonly version: number }[];
}

export function createSchemaRegistry({ url, timeoutMillis = 10_000 }: SchemaRegistryOptions): SchemaRegistry {
  const base = new URL(url);
  const login = [base.username, base.password].map(decodeURIComponent).join(':');
  const headers = {
    accept: 'application/vnd.schemaregistry.v1+json',
    ...(login !== ':' && { authorization: `Basic ${Buffer.from(login).toString('base64')}` }),
  };
  [base.username, base.password] = ['', ''];
  const root = base.href.replace(/\/$/, '');
  const known = new Map<number, Promise<RegisteredSchema | null>>();

  async function ask(path: string): Promise<Answer | null> {
    let response: Response;
    try {
      response = await fetch(`${root}${path}`, { headers, signal: AbortSignal.timeout(timeoutMillis) });
    } catch (cause) {
      throw unavailable(`${root}${path}`, cause instanceof Error ? String(cause.cause ?? cause) : String(cause), cause);
    }
    if (response.status === 404) return null;
    if (!response.ok) throw unavailable(`${root}${path}`, `status ${response.status}`, null);
    return (await response.json()) as Answer;
  }

  async function resolve(answer: Answer): Promise<RegisteredSchema> {
    const references = [];
    for (const { name, subject, version } of answer.references ?? []) {
      const path = `/subjects/${encodeURIComponent(subject)}/versions/${version}`;
      const referred = await ask(path);
      if (referred === null) throw unavailable(`${root}${path}`, 'no such schema, although another refers to it', null);
      references.push({ name, schema: await resolve(referred) });
    }
    return { type: answer.schemaType ?? 'AVRO', text: answer.schema, references };
  }

  return {
    byId(id) {
      const asked =
        known.get(id) ?? ask(`/schemas/ids/${id}`).then((answer) => (answer === null ? null : resolve(answer)));
      known.set(id, asked);
      // A schema that is missing may come; one that could not be asked for is asked for again.
      asked.then(
        (schema) => schema === null && known.delete(id),
        () => known.delete(id),
      );
      return asked;
    },
  };
}

function unavailable(path: string, got: string, cause: unknown): AsofError {
  const remedy = 'Check SCHEMA_REGISTRY_URL and the registry.';
  return new AsofError('UNAVAILABLE', 'the schema registry does not answer', { path, got, remedy }, { cause });
}

import { createHash } from 'node:crypto';
import { AsofError, type ErrorProblem } from '../core/errors/asof-error.ts';

/** Documents that clients name by their ids instead of sending them. */
export interface TrustedDocuments {
  /**
   * The text of what a client sent: the one it names, or its own.
   *
   * @throws AsofError UNKNOWN_NAME for an id that nobody has vouched for, FORBIDDEN for a text of the client's own where
   *   only trusted ones are taken, BAD_INPUT for both at once
   */
  textOf(sent: SentDocument): string | null;
}

export interface SentDocument {
  readonly query?: unknown;
  readonly documentId?: unknown;
}

/** Texts by id: SHA-256 in hex. */
export type DocumentManifest = ReadonlyMap<string, string>;

const idForm = /^(?:sha256:)?([0-9a-f]{64})$/i;

/** @param current the manifest as it is now; null = nothing is known by an id, and every text is taken */
export function createTrustedDocuments(
  current: () => DocumentManifest | null,
  { takesOthers }: { readonly takesOthers: boolean },
): TrustedDocuments {
  return {
    textOf({ query, documentId }) {
      if (documentId === undefined || documentId === null) {
        if (takesOthers || typeof query !== 'string' || current()?.get(idOf(query)) === query) {
          return typeof query === 'string' ? query : null;
        }
        throw new AsofError('FORBIDDEN', 'only trusted documents are answered here', {
          path: 'query',
          expected: 'documentId, from the manifest that was written with the types of your operations',
          remedy: 'Have the operators add the document to their manifest (ASOF_DOCUMENTS_FILE), and send its id.',
        });
      }
      if (query !== undefined && query !== null && query !== '') {
        throw new AsofError('BAD_INPUT', 'a document is sent beside the id of one', {
          path: 'documentId',
          expected: '`query` or `documentId`',
          got: 'both',
        });
      }
      const id = typeof documentId === 'string' ? idForm.exec(documentId)?.[1]?.toLowerCase() : undefined;
      const text = id === undefined ? undefined : current()?.get(id);
      if (text !== undefined) return text;
      throw new AsofError('UNKNOWN_NAME', 'no trusted document has this id', {
        path: 'documentId',
        expected: 'the SHA-256 of a document in the manifest, in hex',
        got: String(documentId).slice(0, 80),
        remedy: 'Have the operators take the manifest of this client (ASOF_DOCUMENTS_FILE), or send `query`.',
      });
    },
  };
}

/** Where nobody keeps a manifest. */
export const noTrustedDocuments: TrustedDocuments = createTrustedDocuments(() => null, { takesOthers: true });

/**
 * Reads a manifest as code generators write it: a JSON object of texts by `sha256:` and their hash, or the hash alone.
 *
 * @throws AsofError BAD_INPUT with every entry that is wrong
 */
export function parseManifest(text: string, path: string): DocumentManifest {
  const problems: ErrorProblem[] = [];
  const manifest = new Map<string, string>();
  const entries = objectOf(text);
  if (entries === null) problems.push({ path, message: 'the file is not readable', expected: 'a JSON object' });
  for (const [key, document] of Object.entries(entries ?? {})) {
    const place = `${path}: ${key.slice(0, 80)}`;
    const id = idForm.exec(key)?.[1]?.toLowerCase();
    if (id === undefined || typeof document !== 'string') {
      problems.push({ path: place, message: 'the entry is not readable', expected: '"sha256:<hex>": "<document>"' });
    } else if (idOf(document) !== id) {
      problems.push({
        path: place,
        message: 'the id is not that of the document',
        expected: `sha256:${idOf(document)}`,
      });
    } else manifest.set(id, document);
  }
  if (problems.length === 0) return manifest;
  const lines = problems.map(({ message, ...details }) => new AsofError('BAD_INPUT', message, details).message);
  throw new AsofError('BAD_INPUT', lines.join('\n'), { problems });
}

function idOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function objectOf(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : null;
  } catch {
    return null;
  }
}

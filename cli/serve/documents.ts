import { openWatchedFile } from '../../adapters/files/watched-file.ts';
import type { SystemClock } from '../../core/ports/clocks.ts';
import type { ClosingStack } from '../../runtime/closing-stack.ts';
import type { Logger } from '../../runtime/logging.ts';
import {
  createTrustedDocuments,
  noTrustedDocuments,
  parseManifest,
  type TrustedDocuments,
} from '../../runtime/trusted-documents.ts';
import type { Settings } from './settings.ts';

/** Manifests of many clients together. */
const mostBytes = 64 * 1_048_576;

interface Watching {
  readonly systemClock: SystemClock;
  readonly logger: Logger;
  /** Ends the watching. */
  readonly stack: ClosingStack;
}

/**
 * Reads the manifest of trusted documents, and reads it again when it changes. A change that cannot be read is logged, and
 * what was good before stays so.
 *
 * @throws AsofError BAD_INPUT for a file that cannot be read at the start
 */
export async function openTrustedDocuments(
  { documentsFile: path, freeDocuments }: Pick<Settings, 'documentsFile' | 'freeDocuments'>,
  { systemClock, logger, stack }: Watching,
): Promise<TrustedDocuments> {
  if (path === null) return noTrustedDocuments;
  const file = stack.use(await openWatchedFile(path, systemClock, mostBytes));
  let manifest = parseManifest(file.first.text, path);
  const onError = (error: unknown) => {
    logger.error({ err: error, path }, 'the manifest of documents is not readable; what was good before stays so');
  };
  file.follow({
    onChange({ text }) {
      try {
        manifest = parseManifest(text, path);
        logger.info({ path, documents: manifest.size }, 'other documents are trusted from now on');
      } catch (error) {
        onError(error);
      }
    },
    onError,
  });
  return createTrustedDocuments(() => manifest, { takesOthers: freeDocuments === 'allowed' });
}

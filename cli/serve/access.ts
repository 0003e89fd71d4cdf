import { type FileText, openWatchedFile } from '../../adapters/files/watched-file.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import type { SystemClock } from '../../core/ports/clocks.ts';
import { type Authenticator, createTokenAuthenticator } from '../../runtime/access/authenticator.ts';
import { digestOf, parseGatewayTokenFile, parseTokenFile } from '../../runtime/access/token-file.ts';
import { createClosingStack } from '../../runtime/closing-stack.ts';
import type { Logger } from '../../runtime/logging.ts';
import type { Settings } from './settings.ts';

/** Who may come in, as the files of tokens say it now. */
export interface Access extends AsyncDisposable {
  /** null = no file is named: whoever reaches the process is welcome. */
  readonly authenticator: Authenticator | null;
  /** What the gateway shows to subgraphs now; null = nothing. */
  gatewayToken(): string | null;
}

/** Of a process that has no door. */
export const noTokens: Access = {
  authenticator: null,
  gatewayToken: () => null,
  [Symbol.asyncDispose]: async () => {},
};

interface Watching {
  readonly systemClock: SystemClock;
  readonly logger: Logger;
}

/** Whom a process serves: clients by their own tokens, or the gateway only, beside who looks at its metrics. */
export type Audience = 'clients' | 'gateway';

/**
 * Reads the files of tokens, and reads them again when they change. A change that cannot be read is logged, and what
 * was good before stays so.
 *
 * @throws AsofError BAD_INPUT for a file that cannot be read at the start, and for one of two that go together
 */
export async function openAccess(
  { tokenFile, gatewayTokenFile }: Pick<Settings, 'tokenFile' | 'gatewayTokenFile'>,
  audience: Audience,
  watching: Watching,
): Promise<Access> {
  if (audience === 'gateway' && (tokenFile === null) !== (gatewayTokenFile === null)) {
    throw new AsofError('BAD_INPUT', 'one file of tokens is named and one is not', {
      path: tokenFile === null ? 'ASOF_TOKEN_FILE' : 'ASOF_GATEWAY_TOKEN_FILE',
      expected: 'both or none for a process behind the gateway',
      remedy: "Name the gateway's token in ASOF_GATEWAY_TOKEN_FILE, and who may read metrics in ASOF_TOKEN_FILE.",
    });
  }
  const stack = createClosingStack();
  const authenticator = createTokenAuthenticator({});
  let gatewayToken: string | null = null;
  try {
    if (tokenFile !== null) {
      await followSecret(tokenFile, stack, watching, (text) => {
        authenticator.replace({ clients: parseTokenFile(text, tokenFile) });
      });
    }
    if (gatewayTokenFile !== null) {
      await followSecret(gatewayTokenFile, stack, watching, (text) => {
        const tokens = parseGatewayTokenFile(text, gatewayTokenFile);
        gatewayToken = tokens[0] ?? null;
        if (audience === 'gateway') authenticator.replace({ gateway: tokens.map(digestOf) });
      });
    }
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  }
  return {
    authenticator: tokenFile === null ? null : authenticator,
    gatewayToken: () => gatewayToken,
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}

async function followSecret(
  path: string,
  stack: ReturnType<typeof createClosingStack>,
  { systemClock, logger }: Watching,
  take: (text: string) => void,
): Promise<void> {
  const file = stack.use(await openWatchedFile(path, systemClock));
  const warn = ({ looseMode }: FileText) => {
    if (looseMode === null) return;
    logger.warn({ path, mode: looseMode }, 'others than its owner may use this file of tokens; chmod it to 0600');
  };
  warn(file.first);
  take(file.first.text);
  const onError = (error: unknown) => {
    logger.error({ err: error, path }, 'the file of tokens is not readable; what was good before stays so');
  };
  file.follow({
    onChange(secret) {
      warn(secret);
      try {
        take(secret.text);
        logger.warn({ path }, 'other tokens are good from now on');
      } catch (error) {
        onError(error);
      }
    },
    onError,
  });
}

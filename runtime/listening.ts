import { type AddressInfo, createServer, type Server } from 'node:net';
import { AsofError } from '../core/errors/asof-error.ts';
import type { Authenticator } from './access/authenticator.ts';

const loopbackHosts = ['127.0.0.1', '::1', 'localhost'];

/** Whether only this machine can reach it. */
export function isLoopback(host: string): boolean {
  return loopbackHosts.includes(host);
}

/** BAD_INPUT for an address that others can reach where nobody is asked for a token. */
export function requireTokensBeyondLoopback(host: string, authenticator: Authenticator | null): void {
  if (isLoopback(host) || authenticator !== null) return;
  throw new AsofError('BAD_INPUT', `refuses to listen on ${host} without authentication`, {
    path: 'host',
    expected: `one of ${loopbackHosts.join(', ')}, or tokens to authenticate with`,
    got: host,
    remedy: 'Name a file of tokens in ASOF_TOKEN_FILE, or listen on 127.0.0.1.',
  });
}

/** Resolves with the port. UNAVAILABLE when it is taken. */
export async function listen(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(cannotListen(cause, host, port)));
    server.listen(port, host, resolve);
  });
  server.removeAllListeners('error');
  return (server.address() as AddressInfo).port;
}

/** A free port that is held for others until one of them asks for it; they ask again for the same one. */
export async function reserveFreePort(host: string): Promise<{ give(): Promise<number> }> {
  const holding = createServer();
  const port = await listen(holding, { host, port: 0 });
  let closing: Promise<void> | null = null;
  return {
    async give() {
      closing ??= new Promise((resolve) => holding.close(() => resolve()));
      await closing;
      return port;
    },
  };
}

function cannotListen(cause: NodeJS.ErrnoException, host: string, port: number): AsofError {
  const reason =
    cause.code === 'EADDRINUSE'
      ? `port ${port} is in use by another process`
      : `cannot listen on ${host}:${port} (${cause.code ?? cause.message})`;
  const remedy = 'Stop the other process, or set PORT to a free port.';
  return new AsofError(
    'UNAVAILABLE',
    reason,
    { path: 'port', expected: 'a free port', got: `${port}`, remedy },
    { cause },
  );
}

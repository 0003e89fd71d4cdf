import { hostname, userInfo } from 'node:os';

/** What the client commands read from the environment. */
export function clientEnvironment(): { readonly url: string; readonly token: string | null } {
  return { url: process.env.ASOF_URL ?? 'http://localhost:4000', token: process.env.ASOF_TOKEN || null };
}

/** Everything, for `readSettings` to check. */
export function processEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

/** Who calls, for the registry's history. */
export function personHere(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    // In a container the user may have no name.
    return `user ${process.getuid?.()}@${hostname()}`;
  }
}

import type { Definitions } from '../definitions/model.ts';
import type { RegistrySnapshot } from '../ports/registry-store.ts';
import type { OpenUserFunctions, UserFunctions } from '../ports/user-functions.ts';

/** The engine of users' functions where there are any, now or once registered; null where it need not be loaded. */
export async function engineFor(
  open: OpenUserFunctions | undefined,
  snapshot: RegistrySnapshot | null,
  definitions: Definitions | null = null,
): Promise<UserFunctions | null> {
  const isRegistered = snapshot?.versions.some(({ kind }) => kind === 'function') ?? false;
  const isDefined = (definitions?.functions.length ?? 0) > 0;
  return open !== undefined && (isRegistered || isDefined) ? open() : null;
}

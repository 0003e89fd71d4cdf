import { AsofError } from '../errors/asof-error.ts';
import type { AppliedRevision } from '../ports/registry-store.ts';

/** What whoever planned on another revision than the newest is told; `newest` null = nothing was ever applied. */
export function revisionConflict(expectedRevision: number, newest: AppliedRevision | null): AsofError {
  const got =
    newest === null
      ? 'revision 0'
      : `revision ${newest.revision}, applied by ${newest.appliedBy} at ${newest.appliedAt}`;
  return new AsofError(
    'CONFLICT',
    'the registry is at another revision than this was planned on; nothing was written',
    {
      path: 'registry',
      expected: `revision ${expectedRevision}`,
      got,
      remedy: 'Plan again, look at what changed, then apply',
    },
  );
}

import { parseDefinitions } from '../../core/definitions/parse.ts';
import { AsofError, type ErrorCode } from '../../core/errors/asof-error.ts';
import type { PlanAction } from '../../core/registry/plan.ts';
import type { Principal } from '../../runtime/access/principal.ts';
import type { RegistryWatcher } from '../../runtime/registry-watcher.ts';
import type { ApplyDefinitions } from './apply.ts';
import { definitionKind } from './nodes.ts';

export interface ApplyInput {
  readonly definitions: unknown;
  readonly expectedRevision?: number | null;
  readonly appliedBy?: string | null;
  readonly dryRun: boolean;
  readonly prune: boolean;
}

const actions = {
  add: 'ADD',
  newVersion: 'NEW_VERSION',
  update: 'UPDATE',
  retire: 'RETIRE',
  restore: 'RESTORE',
} as const satisfies Record<PlanAction, string>;

/** What a caller can mend by sending something else. */
const expected: ReadonlySet<ErrorCode> = new Set(['BAD_DEFINITION', 'BAD_INPUT', 'UNKNOWN_NAME', 'CONFLICT']);

/** Registers definitions, and answers when this process serves them; what is wrong with them is data. */
export async function applyMutation(
  { apply, watcher }: { readonly apply: ApplyDefinitions; readonly watcher: RegistryWatcher },
  input: ApplyInput,
  principal: Principal,
) {
  const { expectedRevision, dryRun, prune } = input;
  try {
    const { revision, plan } = await apply(parseDefinitions(input.definitions), {
      appliedBy: principal.name ?? (input.appliedBy || 'graphql'),
      dryRun,
      prune,
      ...(expectedRevision === null || expectedRevision === undefined ? {} : { expectedRevision }),
    });
    await watcher.refresh();
    const changes = plan.changes.map(({ action, kind, name, version, reasons, breaks }) => ({
      action: actions[action],
      kind: definitionKind(kind),
      name,
      version,
      reasons,
      breaks,
    }));
    return { revision, changes, errors: [] };
  } catch (error) {
    if (!(error instanceof AsofError) || !expected.has(error.code)) throw error;
    const { code, details, summary } = error;
    const problems = details.problems ?? [{ ...details, message: summary }];
    return { revision: null, changes: [], errors: problems.map((problem) => ({ code, ...problem })) };
  }
}

import { type DocumentNode, Kind, type OperationDefinitionNode, type SelectionSetNode } from 'graphql';
import { readSchemaFile } from '../../codegen/schema-file.ts';
import { AsofError } from '../../core/errors/asof-error.ts';
import { type AccessRole, accessRoles, type Principal, requireNeed } from './principal.ts';

/** The role that each mutation needs; one that is not here needs admin. */
export type MutationRoles = ReadonlyMap<string, AccessRole>;

/** What `schema/roles.json` declares. CORRUPT when the installed package has another. */
export function readMutationRoles(): MutationRoles {
  const declared: unknown = JSON.parse(readSchemaFile('roles.json'));
  return new Map(
    Object.entries(declared ?? {}).map(([mutation, text]) => {
      const role = accessRoles.find((known) => known === text);
      if (role !== undefined) return [mutation, role];
      throw new AsofError('CORRUPT', 'a mutation has no readable role', {
        path: `schema/roles.json: ${mutation}`,
        expected: accessRoles.join(', '),
        remedy: 'Install the package again.',
      });
    }),
  );
}

/**
 * Whether this principal may run this operation: queries and subscriptions need the role reader, a mutation what is
 * declared for each of its fields, whether or not a directive skips it.
 *
 * @throws AsofError FORBIDDEN
 */
export function authorizeOperation(
  principal: Principal,
  { document, operation }: { readonly document: DocumentNode; readonly operation: OperationDefinitionNode },
  roles: MutationRoles,
): void {
  if (operation.operation !== 'mutation') requireNeed(principal, 'reader', `a ${operation.operation}`);
  else
    for (const field of fieldNames(document, operation.selectionSet)) {
      if (field !== '__typename') requireNeed(principal, roles.get(field) ?? 'admin', `the mutation ${field}`);
    }
}

/** Of a valid document, in which fragments exist and do not contain themselves. */
function fieldNames(document: DocumentNode, { selections }: SelectionSetNode): string[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection.name.value];
    if (selection.kind === Kind.INLINE_FRAGMENT) return fieldNames(document, selection.selectionSet);
    const fragment = document.definitions.find(
      (definition) => definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value,
    );
    return fragment?.kind === Kind.FRAGMENT_DEFINITION ? fieldNames(document, fragment.selectionSet) : [];
  });
}

/** One line of a plan, as the `apply` mutation tells it. */
export interface Change {
  readonly action: 'ADD' | 'NEW_VERSION' | 'UPDATE' | 'RETIRE' | 'RESTORE';
  readonly kind: string;
  readonly name: string;
  readonly version: number;
  readonly reasons: readonly string[];
  readonly breaks: readonly string[];
}

const signs = { ADD: '+', NEW_VERSION: '~', UPDATE: '·', RETIRE: '-', RESTORE: '+' } as const;

export function planText({ changes }: { readonly changes: readonly Change[] }): string {
  if (changes.length === 0) return 'No changes: the registry holds these definitions already.';
  return changes
    .flatMap(({ action, kind, name, version, reasons, breaks }) => [
      `${signs[action]} ${action.toLowerCase().replace('_', ' ')} ${kind.toLowerCase().replaceAll('_', ' ')} ${name} (version ${version})`,
      ...reasons.map((reason) => `    ${reason}`),
      ...breaks.map((broken) => `    ! breaks: ${broken}`),
    ])
    .join('\n');
}

import type { RegisteredVersion, RegistryChange } from '../../core/ports/registry-store.ts';

/** A version of an entity like any other. */
export function entityVersion(name: string, changes: Partial<RegisteredVersion> = {}): RegisteredVersion {
  return {
    kind: 'entity',
    name,
    version: 1,
    hash: `hash of ${name}`,
    definition: { name, key: [{ name: 'iata', type: { kind: 'string' } }] },
    createdAt: '2001-06-01T00:00:00.000Z',
    updatedAt: '2001-06-01T00:00:00.000Z',
    ...changes,
  };
}

/** A change that stores these versions. */
export function storing(...versions: RegisteredVersion[]): RegistryChange {
  return { versions, retire: [], restore: [], appliedBy: 'ops' };
}

import type { Field, ValueType } from '../../values/types.ts';
import type { Described, EntityDefinition } from '../model.ts';
import type { IdentityType } from '../value-types.ts';
import { type Declared, type Definable, definitionBrand } from './brand.ts';

/** Columns by name, in declared order. */
export type Columns = { readonly [name: string]: ValueType };

export interface EntityOptions<Key> extends Described {
  /** The join keys and their types, in order. */
  readonly key: Key;
  /** Names the GraphQL list query where English guesses wrong: "people" for "person". */
  readonly plural?: string;
}

export interface Entity<out Key = Columns> extends Definable {
  readonly name: string;
  readonly key: Key;
}

/** What features are about: an airport, a route (composite key), a customer. */
export function entity<const Key extends { readonly [joinKey: string]: IdentityType }>(
  name: string,
  { key, ...rest }: EntityOptions<Key>,
): Entity<Key> {
  const definition: EntityDefinition = { name, key: columnFields(key), ...rest };
  const declared: Declared = { kind: 'entities', definition, uses: [] };
  return { name, key, [definitionBrand]: declared };
}

export function columnFields(columns: Columns): readonly Field[] {
  return Object.entries(columns).map(([name, type]) => ({ name, type }));
}

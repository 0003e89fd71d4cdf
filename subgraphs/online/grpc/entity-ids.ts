import type { CompiledRegistry } from '../../../core/definitions/registry-view.ts';
import { AsofError } from '../../../core/errors/asof-error.ts';
import { membersToRead } from '../../../core/on-demand/evaluate.ts';
import { parseValue } from '../../../core/values/parse.ts';
import type { Field, Value } from '../../../core/values/types.ts';
import type { FeatureList } from '../feature-list.ts';

/** Reads the one key that an `entity_id` names. */
export type ReadEntityId = (id: string, path: string) => Value;

const readersOf = new WeakMap<FeatureList, ReadEntityId | null>();

/**
 * How entity ids name the keys of these features: the key's text, or `entity:key`. null = they have no key, so that any
 * id does. BAD_INPUT where the features are of several keys, or of one with several parts.
 */
export function entityIdsOf(registry: CompiledRegistry, list: FeatureList): ReadEntityId | null {
  let reader = readersOf.get(list);
  if (reader === undefined) {
    reader = readerOf(registry, list);
    readersOf.set(list, reader);
  }
  return reader;
}

function readerOf(registry: CompiledRegistry, { service, label }: FeatureList): ReadEntityId | null {
  const [field, ...more] = service.joinColumns;
  if (field === undefined) return null;
  if (more.length > 0) throw severalKeys(service.joinColumns, label);
  const own = new Set(membersToRead(service).flatMap(({ view }) => view.entity ?? []));
  return (id, path) => {
    const end = id.indexOf(':');
    const prefix = end < 0 ? null : id.slice(0, end);
    if (prefix !== null && own.has(prefix)) return parseValue(field.type, id.slice(end + 1), path);
    if (prefix !== null && registry.entities.has(prefix)) throw ofAnother(prefix, { id, path, own: [...own] });
    return parseValue(field.type, id, path);
  };
}

function severalKeys(fields: readonly Field[], label: string): AsofError {
  return new AsofError('BAD_INPUT', `an entity_id cannot name the keys of ${label}`, {
    path: 'entity_id',
    expected: `the join keys ${fields.map(({ name }) => name).join(', ')} in \`keys\``,
    got: 'one entity_id',
    remedy: 'Give each join key by its name in `keys`, or ask for the features of one entity at a time.',
  });
}

/** A key may have a colon in its text; where what is before it names another entity, nobody can tell what is meant. */
function ofAnother(prefix: string, { id, path, own }: { id: string; path: string; own: readonly string[] }): AsofError {
  return new AsofError('BAD_INPUT', `'${prefix}' is another entity than that of the features`, {
    path,
    expected: own.map((entity) => `${entity}:<key>`).join(' or '),
    got: `'${id.slice(0, 200)}'`,
    remedy: `If this is the text of a key, write '${own[0] ?? 'entity'}:${id.slice(0, 200)}'.`,
  });
}

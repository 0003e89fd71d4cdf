import type { CompiledView } from '../../core/definitions/compiled.ts';
import { readyKey } from '../../core/online/keys.ts';
import type { OnlineStore } from '../../core/ports/online-store.ts';

const deletedAtOnce = 1_000;

/** Removes all that the online store holds of a view version: its marker, the states of its keys and their dedupe ids. */
export async function clearView(online: Pick<OnlineStore, 'scan' | 'delete'>, view: CompiledView): Promise<void> {
  const { entity, name, version } = view;
  // First: what is half removed must not be served.
  await online.delete([readyKey(view)]);
  const suffix = `}:${name}:${version}`;
  let keys: string[] = [];
  for (const kind of ['f', 'd']) {
    for await (const key of online.scan(`${kind}:{${entity ?? '*'}|`)) {
      // Neither a key's text nor a name holds a brace: the last one ends the hash tag.
      const rest = key.slice(key.lastIndexOf('}'));
      if (rest === suffix || (kind === 'd' && rest.startsWith(`${suffix}:`))) keys.push(key);
      if (keys.length < deletedAtOnce) continue;
      await online.delete(keys);
      keys = [];
    }
  }
  if (keys.length > 0) await online.delete(keys);
}

import type { Described } from '../../core/definitions/model.ts';
import type { RegistryKind } from '../../core/ports/registry-store.ts';
import type { VersionOf } from '../../core/registry/snapshot.ts';

export interface Filters {
  readonly tag?: string | null;
  readonly owner?: string | null;
  readonly text?: string | null;
}

/** Whether a definition has this tag and owner and contains all words of the text. */
export function passes(one: VersionOf<RegistryKind>, { tag, owner, text }: Filters): boolean {
  const described: Described = one.definition;
  if (tag !== null && tag !== undefined && !(described.tags ?? []).includes(tag)) return false;
  if (owner !== null && owner !== undefined && described.owner !== owner) return false;
  return text === null || text === undefined || rank(one, text) !== null;
}

/**
 * How well a definition matches all words of a text: 0 is its very name, then a name that starts with it, that
 * contains it, a feature's name, a tag or owner, a description; null = some word is nowhere.
 */
export function rank(one: VersionOf<RegistryKind>, text: string): number | null {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return null;
  const { name, description, owner, tags, features } = searchable(one);
  const places: readonly ((word: string) => boolean)[] = [
    (word) => name === word,
    (word) => name.startsWith(word),
    (word) => name.includes(word),
    (word) => features.some((feature) => feature.includes(word)),
    (word) => owner.includes(word) || tags.some((tag) => tag.includes(word)),
    (word) => description.includes(word),
  ];
  const ranks = words.map((word) => places.findIndex((matches) => matches(word)));
  return ranks.includes(-1) ? null : Math.max(...ranks);
}

function searchable({ definition }: VersionOf<RegistryKind>) {
  const described: Described = definition;
  const features = 'features' in definition ? definition.features : [];
  const lower = (text: string | undefined) => (text ?? '').toLowerCase();
  const descriptions = features.map((feature) => ('description' in feature ? feature.description : undefined));
  return {
    name: definition.name.toLowerCase(),
    description: [described.description, ...descriptions].map(lower).join('\n'),
    owner: lower(described.owner),
    tags: (described.tags ?? []).map(lower),
    features: features.map((feature) => ('name' in feature ? feature.name.toLowerCase() : '')),
  };
}

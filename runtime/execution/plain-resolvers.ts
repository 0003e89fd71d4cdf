/** What a resolver is that looks at its parent alone and gives a value, no promise. */
type PlainResolver<Parent> = (parent: Parent) => unknown;

const plain = new WeakSet<object>();

/** Says of a resolver that it is plain: where it gives a leaf it is called without arguments, context and place. */
export function plainResolver<Parent>(resolve: PlainResolver<Parent>): PlainResolver<Parent> {
  plain.add(resolve);
  return resolve;
}

export function isPlainResolver(resolve: object): boolean {
  return plain.has(resolve);
}

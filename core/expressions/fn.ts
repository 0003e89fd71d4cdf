/** Every function of expressions but the operators, which are methods; docs/expressions.md has their rules. */
export * from './fn/casts.ts';
export * from './fn/collections.ts';
export * from './fn/dates.ts';
export * from './fn/encodings.ts';
export * from './fn/numbers.ts';
export * from './fn/text.ts';

import type { Redis } from 'ioredis';

/** Writes one finished row per customer as JSON, as another job of the user would. */
export async function keepRows(client: Redis, customers: number, features: number): Promise<void> {
  for (let customer = 0; customer < customers; customer++) {
    const row = Array.from({ length: features }, (_, feature) => [
      `f${feature}`,
      ((customer * 7_919 + feature * 104_729) % 9_999) + 1,
    ]);
    await client.set(`profile:${customer}`, JSON.stringify(Object.fromEntries(row)));
  }
}

/** Of one row, what a call names, as the messages of schema/feature_store.proto say it. */
export function featuresOf(text: string, names: readonly string[]): { features: Record<string, { intValue: number }> } {
  const row = JSON.parse(text) as Record<string, number>;
  return {
    features: Object.fromEntries(names.map((name) => [name, { intValue: row[name.slice('profile:'.length)]! }])),
  };
}

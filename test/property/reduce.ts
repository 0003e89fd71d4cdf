import type { PropertyCase } from './cases.ts';
import type { Row } from './event-histories.ts';

interface Definitions {
  readonly views: readonly { readonly features: readonly unknown[] }[];
  readonly services: readonly unknown[];
}

/** A smaller case that still fails: without every spine row, service, view, feature, record and column that can go. */
export async function reduceCase(
  failing: PropertyCase,
  fails: (candidate: PropertyCase) => Promise<boolean>,
): Promise<PropertyCase> {
  let best = failing;
  const attempt = async (candidate: PropertyCase): Promise<boolean> => {
    const isSmaller = await fails(candidate);
    if (isSmaller) best = candidate;
    return isSmaller;
  };
  for (let size = Number.POSITIVE_INFINITY; JSON.stringify(best).length < size; ) {
    size = JSON.stringify(best).length;
    await without(best.spine, (spine) => attempt({ ...best, spine }));
    const parts = () => best.definitions as unknown as Definitions;
    await without(parts().services, (services) => attempt({ ...best, definitions: { ...parts(), services } }));
    await without(parts().views, (views) => attempt({ ...best, definitions: { ...parts(), views } }));
    for (const index of parts().views.keys()) {
      const withFeatures = (features: readonly unknown[]) => {
        const views = parts().views.map((view, place) => (place === index ? { ...view, features } : view));
        return attempt({ ...best, definitions: { ...parts(), views } });
      };
      await without(parts().views[index]!.features, withFeatures);
    }
    for (const [source, rows] of Object.entries(best.rows)) {
      await without(rows, (fewer) => attempt({ ...best, rows: { ...best.rows, [source]: fewer } }));
      const columns = [...new Set((best.rows[source] ?? []).flatMap((row) => Object.keys(row)))];
      for (const column of columns) {
        const bare = best.rows[source]!.map((row) => withoutColumn(row, column));
        await attempt({ ...best, rows: { ...best.rows, [source]: bare } });
      }
    }
  }
  return best;
}

/** Tries to do without ever shorter stretches of a list. */
async function without<T>(list: readonly T[], attempt: (fewer: readonly T[]) => Promise<boolean>): Promise<void> {
  let kept = list;
  for (let length = Math.ceil(list.length / 2); length >= 1; length = length === 1 ? 0 : Math.ceil(length / 2)) {
    for (let start = 0; start < kept.length; ) {
      const fewer = [...kept.slice(0, start), ...kept.slice(start + length)];
      if (await attempt(fewer)) kept = fewer;
      else start += length;
    }
  }
}

function withoutColumn(row: Row, column: string): Row {
  return Object.fromEntries(Object.entries(row).filter(([name]) => name !== column));
}

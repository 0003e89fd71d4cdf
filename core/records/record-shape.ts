import { canonicalHash } from '../definitions/canonical-json.ts';
import type { CompiledSource } from '../definitions/compiled.ts';

const shapes = new WeakMap<CompiledSource, string>();

/**
 * Names what a source makes of a raw row: equal for sources that normalize every row to the same record. A source that
 * is given a new field has a new shape, for records made before lack it.
 */
export function recordShape(source: CompiledSource): string {
  const known = shapes.get(source);
  if (known !== undefined) return known;
  const { definition, fields } = source;
  const columns =
    definition.kind === 'events'
      ? [definition.eventTime, definition.eventId, definition.arrival]
      : [definition.eventTime, definition.createdTime, definition.deleted];
  const byName = fields.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const rules = source.keepsUncreated === true ? ['keepsUncreated'] : [];
  const shape = canonicalHash([definition.kind, columns, byName.map(({ name, type }) => [name, type]), ...rules]).slice(
    0,
    12,
  );
  shapes.set(source, shape);
  return shape;
}

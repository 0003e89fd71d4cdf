import type { Positions } from '../../core/ports/offline-store.ts';
import { integer, text } from './quoting.ts';

/** TRUE for records at or below `through`; a place that it does not name is left out. */
export function throughSql(through: Positions): string {
  const places = [...through].map(([place, offset]) => {
    const slash = place.lastIndexOf('/');
    const [origin, partition] = [place.slice(0, slash), Number(place.slice(slash + 1))];
    return `(__origin = ${text(origin)} AND __partition = ${integer(partition)} AND __offset <= ${integer(offset)})`;
  });
  return places.length === 0 ? 'false' : `(${places.join(' OR ')})`;
}

/** Whether one of these positions lies beyond `through`. */
export function isBeyond(positions: Positions, through: Positions): boolean {
  return [...positions].some(([place, offset]) => offset > (through.get(place) ?? -1));
}

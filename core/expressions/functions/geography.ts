import { valueToDouble } from '../../values/integers.ts';
import { type ExpressionFunction, strictNulls } from '../function.ts';
import { number } from '../type-sets.ts';
import { decimal, float64, int64 } from './literal-nodes.ts';

/** The mean radius R₁ = (2a + b) / 3 of the WGS 84 ellipsoid, in metres (IUGG; Moritz 2000, "Geodetic Reference System 1980"). */
const earthRadius = 6_371_008.7714;
const radians = Math.PI / 180;

export const haversine: ExpressionFunction = {
  group: 'geography',
  documentation: {
    summary: 'The great-circle distance in metres between two points, given in degrees.',
    nulls: `${strictNulls} NULL where a latitude is outside ±90 or a longitude outside ±180.`,
    bounds:
      'On a sphere of the earth\'s mean radius, 6,371,008.7714 m (IUGG R₁): up to 0.6 % off the ellipsoid. The haversine formula (R. W. Sinnott, "Virtues of the Haversine", Sky and Telescope 68:2, 1984).',
    gives: 'float64, metres',
    examples: [
      [[int64(0), int64(0), int64(0), int64(0)], 0],
      [[int64(0), int64(0), int64(0), int64(180)], Math.PI * earthRadius],
      [[decimal('33.64'), decimal('-84.43'), decimal('41.98'), decimal('-87.90')], 975942.4847001085],
      [[float64(90.5), int64(0), int64(0), int64(0)], null],
      [[int64(null), int64(0), int64(0), int64(0)], null],
    ],
  },
  parameters: {
    lat1: { takes: number },
    lon1: { takes: number },
    lat2: { takes: number },
    lon2: { takes: number },
  },
  literals: 'asWritten',
  resultType: () => ({ kind: 'float64' }),
  compile:
    ([lat1, lon1, lat2, lon2]) =>
    (row) => {
      const a = lat1!(row);
      const b = lon1!(row);
      const c = lat2!(row);
      const d = lon2!(row);
      if (a === null || b === null || c === null || d === null) return null;
      return distance(valueToDouble(a), valueToDouble(b), valueToDouble(c), valueToDouble(d));
    },
};

/** hav(θ) = hav(φ₂ − φ₁) + cos φ₁ · cos φ₂ · hav(λ₂ − λ₁); the distance is θ times the radius. */
function distance(lat1: number, lon1: number, lat2: number, lon2: number): number | null {
  if (Math.abs(lat1) > 90 || Math.abs(lat2) > 90 || Math.abs(lon1) > 180 || Math.abs(lon2) > 180) return null;
  const halfLat = Math.sin(((lat2 - lat1) * radians) / 2);
  const halfLon = Math.sin(((lon2 - lon1) * radians) / 2);
  const haversineOf = halfLat * halfLat + Math.cos(lat1 * radians) * Math.cos(lat2 * radians) * halfLon * halfLon;
  // Rounding can bring it above 1 for points on opposite sides.
  return 2 * earthRadius * Math.asin(Math.sqrt(Math.min(1, haversineOf)));
}

import { BIGINT, DOUBLE, type DuckDBConnection, DuckDBScalarFunction, HUGEINT } from '@duckdb/node-api';
import { varianceKernel } from '../../core/aggregates/variance.ts';

const varianceNames = ['varSamp', 'varPop', 'stddevSamp', 'stddevPop'] as const;
export type VarianceName = (typeof varianceNames)[number];

const greatestScale = 38;

/**
 * Registers asof_<variance>_<scale>(n BIGINT, S HUGEINT, Q HUGEINT): the reference's last step from the state of a
 * variance to its value. n·Q − S² needs more than the 128 bits that SQL has.
 */
export function registerExactFunctions(connection: DuckDBConnection): void {
  for (const name of varianceNames) {
    for (let scale = 0; scale <= greatestScale; scale++) {
      const { finish } = varianceKernel(name, { kind: 'decimal', precision: greatestScale, scale });
      connection.registerScalarFunction(
        DuckDBScalarFunction.create({
          name: varianceFunction(name, scale),
          parameterTypes: [BIGINT, HUGEINT, HUGEINT],
          returnType: DOUBLE,
          mainFunction(_info, chunk, output) {
            const [ns, sums, squares] = chunk.getColumns();
            for (let row = 0; row < chunk.rowCount; row++) {
              const [n, s, q] = [ns![row], sums![row], squares![row]];
              const isWhole = typeof n === 'bigint' && typeof s === 'bigint' && typeof q === 'bigint';
              output.setItem(row, isWhole ? (finish({ n: Number(n), s, q }) as number | null) : null);
            }
            output.flush();
          },
        }),
      );
    }
  }
}

export function varianceFunction(name: VarianceName, scale: number): string {
  return `asof_${name.toLowerCase()}_${scale}`;
}

export function isVariance(name: string): name is VarianceName {
  return varianceNames.some((variance) => variance === name);
}

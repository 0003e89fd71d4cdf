import { type DuckDBConnection, DuckDBScalarFunction } from '@duckdb/node-api';
import type { Value, ValueType } from '../../../core/values/types.ts';
import { duckTypeOf } from '../sql-types.ts';
import { bindings } from './bindings.ts';
import { readVector } from './read-vector.ts';
import { writeVector } from './write-vector.ts';

export interface Signature {
  readonly parameters: readonly ValueType[];
  readonly result: ValueType;
}

/** Computes `count` results from as many values of each parameter; NULLs are among them. */
export type VectorizedFunction = (inputs: readonly (readonly Value[])[], count: number) => readonly Value[];

/** Makes a function of vectors callable in SQL for as long as the engine lives. */
export function registerVectorized(
  connection: DuckDBConnection,
  name: string,
  { parameters, result }: Signature,
  compute: VectorizedFunction,
): void {
  const scalar = new DuckDBScalarFunction();
  scalar.setName(name);
  for (const type of parameters) scalar.addParameter(duckTypeOf(type));
  scalar.setReturnType(duckTypeOf(result));
  // NULL arguments reach the function: it decides what NULL means.
  scalar.setSpecialHandling();
  bindings.scalar_function_set_function(scalar.scalar_function, (_info, chunk, output) => {
    const count = bindings.data_chunk_get_size(chunk);
    const inputs = parameters.map((type, index) =>
      readVector(type, bindings.data_chunk_get_vector(chunk, index), count),
    );
    writeVector(result, output, compute(inputs, count));
  });
  connection.registerScalarFunction(scalar);
}

import { createRequire } from 'node:module';
import type { DuckDBDataChunk, DuckDBScalarFunction } from '@duckdb/node-api';

declare const vectorBrand: unique symbol;

/** A column of a chunk in DuckDB's memory; only as long as the call lasts that it was handed to. */
export interface Vector {
  readonly [vectorBrand]: true;
}

type MainFunction = (info: unknown, input: DuckDBDataChunk['chunk'], output: Vector) => void;

/**
 * The part of DuckDB's C interface that reaches a vector's memory. `@duckdb/node-api` reads and writes vectors value by
 * value, with a bigint for each integer and each test for NULL.
 */
interface Bindings {
  scalar_function_set_function(target: DuckDBScalarFunction['scalar_function'], main: MainFunction): void;
  data_chunk_get_size(chunk: DuckDBDataChunk['chunk']): number;
  data_chunk_get_vector(chunk: DuckDBDataChunk['chunk'], column: number): Vector;
  vector_get_data(vector: Vector, bytes: number): Uint8Array;
  /** One bit for each row, 1 = it has a value; nothing where all have one. */
  vector_get_validity(vector: Vector, bytes: number): Uint8Array | null | undefined;
  vector_ensure_validity_writable(vector: Vector): void;
  copy_data_to_vector(vector: Vector, at: number, source: ArrayBufferLike, offset: number, bytes: number): void;
  copy_data_to_vector_validity(
    vector: Vector,
    at: number,
    source: ArrayBufferLike,
    offset: number,
    bytes: number,
  ): void;
  vector_assign_string_element(vector: Vector, row: number, text: string): void;
  /** The bytes that a pointer in this buffer leads to. */
  get_data_from_pointer(buffer: ArrayBufferLike, offset: number, bytes: number): Uint8Array;
  list_vector_get_child(vector: Vector): Vector;
  list_vector_get_size(vector: Vector): number;
  list_vector_reserve(vector: Vector, size: number): void;
  list_vector_set_size(vector: Vector, size: number): void;
  struct_vector_get_child(vector: Vector, place: number): Vector;
}

// The very copy that node-api uses; it is no dependency of ours.
const nodeApi = createRequire(import.meta.url).resolve('@duckdb/node-api');
export const bindings = createRequire(nodeApi)('@duckdb/node-bindings') as Bindings;

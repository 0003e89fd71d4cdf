/** One row of a user's file before it has types, and where it stands, for error messages. */
export interface InputRow {
  /** `landings.ndjson:3` (its line), or `landings.parquet row 3`. */
  readonly place: string;
  readonly values: JsonObject;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `landings.ndjson:3, column "delay"`. */
export function columnPath(row: InputRow, column: string): string {
  return `${row.place}, column ${JSON.stringify(column)}`;
}

/** A column of the row itself, never of its prototype; undefined when it is not there. */
export function columnOf(row: InputRow, column: string): unknown {
  return Object.hasOwn(row.values, column) ? row.values[column] : undefined;
}

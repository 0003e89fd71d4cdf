import type { PayloadFormat } from '../definitions/model.ts';

/** Reads payloads that are not JSON; each names its schema, which is asked for once. */
export interface PayloadCodecs {
  /**
   * Same length and order as `payloads`. Integers of 64 bits are bigints, decimals text, instants milliseconds.
   *
   * @throws AsofError UNAVAILABLE when a schema cannot be asked for; what is wrong with a payload is its `problem`
   */
  decode(format: PayloadFormat, payloads: readonly Uint8Array[]): Promise<readonly DecodedPayload[]>;
}

export type DecodedPayload =
  | { readonly row: Readonly<Record<string, unknown>> }
  /** Expected, got. */
  | { readonly problem: string };

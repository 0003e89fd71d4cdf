import type { Instant } from '../values/types.ts';

/** What subscribers are told of. Feature updates name the keys; values are read fresh by each subscriber. */
export type LiveMessage =
  | {
      readonly kind: 'featureUpdate';
      readonly view: string;
      readonly version: number;
      /** Key parts of each changed key, as the typed API names them. */
      readonly keys: readonly (readonly unknown[])[];
      /** The newest event time and arrival applied by this update. */
      readonly eventTime: Instant;
      readonly arrival: Instant;
    }
  /** The transition told of; the incident itself may have moved on when a subscriber reads it. */
  | { readonly kind: 'freshnessAlert'; readonly incidentId: string; readonly state: 'FIRING' | 'RESOLVED' }
  | { readonly kind: 'datasetProgress'; readonly datasetId: string }
  | { readonly kind: 'registryChange'; readonly revision: number };

export type LiveKind = LiveMessage['kind'];

export interface LiveEvent {
  /** Opaque position in the stream; pass it as `after` to resume. */
  readonly cursor: string;
  readonly message: LiveMessage;
}

/** The bus between writers and subscribers, with a bounded replay buffer. */
export interface LiveBus extends AsyncDisposable {
  readonly name: string;
  publish(message: LiveMessage): Promise<void>;
  /**
   * Messages of these kinds published after the call (or after the cursor) in order, until `close`.
   * `lagged` = the cursor is older than the buffer; delivery starts at its oldest message.
   */
  subscribe(kinds: readonly LiveKind[], listener: (event: LiveEvent) => void, after?: string): LiveSubscription;
}

export interface LiveSubscription {
  readonly lagged: boolean;
  close(): void;
}

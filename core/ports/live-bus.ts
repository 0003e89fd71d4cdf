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

export const liveKinds = ['featureUpdate', 'freshnessAlert', 'datasetProgress', 'registryChange'] as const;
export type LiveKind = LiveMessage['kind'];

export interface LiveEvent {
  /** Opaque position in the stream; pass it as `after` to resume. */
  readonly cursor: string;
  readonly message: LiveMessage;
}

/** Called only after `subscribe` has resolved, in the order of the stream. It must not throw. */
export interface LiveListener {
  onEvent(event: LiveEvent): void;
  /**
   * What was published since the event before, or since the cursor, may be lost: the cursor is older than the buffer, or
   * the bus lost messages.
   */
  onGap(): void;
}

/** The bus between writers and subscribers, with a bounded replay buffer. */
export interface LiveBus extends AsyncDisposable {
  readonly name: string;
  /**
   * Never rejects. Resolves when whoever subscribes afterwards without a cursor is not told of it any more, or when the
   * bus is away: then it is delivered later, or its loss is told by `onGap`. Messages are kept in the order of the calls.
   */
  publish(message: LiveMessage): Promise<void>;
  /**
   * Messages of these kinds published after the call (or after the cursor) in order, until `close`. Where the cursor is
   * older than the buffer a gap is told of, and delivery starts at the oldest message. BAD_INPUT for what is no cursor;
   * UNAVAILABLE when the bus cannot be asked.
   */
  subscribe(kinds: readonly LiveKind[], listener: LiveListener, after?: string): Promise<LiveSubscription>;
}

export interface LiveSubscription {
  close(): void;
}

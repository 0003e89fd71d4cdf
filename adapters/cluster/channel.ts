/** One end of a pair, in this process or between two; what comes out at the other end is a copy, in the order of sending. */
export interface Channel {
  /** Says nothing when nobody is at the other end any more: `onClose` tells. */
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** The other end is gone. */
  onClose(listener: () => void): void;
}

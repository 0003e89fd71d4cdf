import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';

/** Sends texts on one WebSocket, in order; those of one turn of this process leave together. */
export interface SocketWriter {
  send(text: string): void;
  /** The same of a text in two parts, none of which is copied; null, or when the client has room for more. */
  sendEvent(start: string, rest: string): Promise<void> | null;
  /** Resolves when the kernel took it, or nobody is there any more. */
  sendNow(text: string): Promise<void>;
  /** Closes it after what was sent. */
  close(code: number, reason: string): void;
}

/** What may wait to be sent before no more is read of what the client asks. */
const unsentBytes = 1_048_576;

/** What may wait to be sent before subscriptions wait, which keep the latest of each key meanwhile. */
const unsentEventBytes = 65_536;

/**
 * @param stream of the socket; frames are neither masked nor compressed
 * @param gone aborts when the socket is closed
 */
export function createSocketWriter(socket: WebSocket, stream: Duplex, gone: AbortSignal): SocketWriter {
  /** Frames of this turn, a character for each byte. */
  let frames = '';
  let isCorked = false;
  const isOpen = (): boolean => socket.readyState === socket.OPEN;

  const flush = (): void => {
    const all = frames;
    frames = '';
    if (all !== '' && isOpen()) stream.write(all, 'latin1');
  };
  const endTurn = (): void => {
    flush();
    isCorked = false;
    stream.uncork();
    if (stream.writableLength <= unsentBytes) return;
    // Who does not read what was answered is not asked for more.
    socket.pause();
    stream.once('drain', () => socket.resume());
  };

  const send = (start: string, rest = ''): void => {
    if (!isOpen()) return;
    if (!isCorked) {
      isCorked = true;
      stream.cork();
      setImmediate(endTurn);
    }
    const head = isAscii(start) && isAscii(rest) ? headOf(start.length + rest.length) : null;
    if (head !== null) frames += head + start + rest;
    else {
      flush();
      socket.send(start + rest);
    }
  };

  return {
    send: (text) => send(text),
    sendEvent(start, rest) {
      send(start, rest);
      return stream.writableLength + frames.length > unsentEventBytes ? roomOn(stream, gone) : null;
    },
    sendNow: (text) =>
      new Promise<void>((resolve) => {
        flush();
        if (isOpen()) socket.send(text, () => resolve());
        else resolve();
      }),
    close(code, reason) {
      flush();
      socket.close(code, reason);
    },
  };
}

/** A text frame that is final. */
const textFrame = '\x81';
const twoByteLength = '\x7e';

function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}

/** What comes before a text of so many bytes in a frame without a mask (RFC 6455, section 5.2); null = it is too long. */
function headOf(length: number): string | null {
  if (length > 0xff_ff) return null;
  if (length < 126) return textFrame + String.fromCharCode(length);
  return textFrame + twoByteLength + String.fromCharCode(length >> 8, length & 0xff);
}

async function roomOn(stream: Duplex, gone: AbortSignal): Promise<void> {
  await once(stream, 'drain', { signal: gone }).catch(() => {});
}

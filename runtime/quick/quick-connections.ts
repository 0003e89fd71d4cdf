import { once } from 'node:events';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { SystemClock } from '../../core/ports/clocks.ts';
import { type RequestHead, readRequestHead } from './request-head.ts';

/** A complete response, but for what is said in each: its length, the date, and what becomes of the connection. */
export interface QuickResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/**
 * Reads plain requests off sockets and answers them, for less than it costs to have Node do so. Whatever is not plain,
 * or has no short way, is handed over to Node with all that was read of it, and the connection with it for good.
 */
export interface QuickConnections {
  /** Takes over a connection of which `seen` was read. */
  accept(socket: Socket, seen: Buffer, handOver: (unread: Buffer) => void): void;
  /** Ends those that wait for nothing, and the others with what they wait for; cuts who has not gone when it aborts. */
  close(cut: AbortSignal): Promise<void>;
}

interface PlainRequest {
  readonly head: RequestHead;
  readonly body: Buffer;
  /** Of all of it. */
  readonly bytes: number;
}

export interface QuickConnectionsDeps {
  /** null = it takes the whole way, and nothing has happened yet. */
  readonly answer: (head: RequestHead, body: Buffer) => Promise<QuickResponse | null> | null;
  /** Whether clients should connect anew, which the whole way tells them. */
  readonly isDraining: () => boolean;
  readonly systemClock: Pick<SystemClock, 'nowMillis'>;
  readonly idleMillis: number;
}

const headEnd = '\r\n\r\n';
/** A longer request takes the whole way; so does one that comes in more than two pieces. */
const mostBytes = 65_536;
const morePieces = 1;

export function createQuickConnections(deps: QuickConnectionsDeps): QuickConnections {
  const { answer, isDraining, idleMillis } = deps;
  const headOf = createHeadReader();
  const date = createDateHeader(deps.systemClock);
  const staying = `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(idleMillis / 1_000)}`;
  const open = new Map<Socket, { readonly isIdle: () => boolean }>();
  let isClosing = false;

  function accept(socket: Socket, seen: Buffer, handOver: (unread: Buffer) => void): void {
    /** What has come and is not answered. */
    let unread: Buffer | null = null;
    let pieces = 0;
    let state: 'reading' | 'answering' | 'sending' = 'reading';
    let hasEnded = false;

    const forget = (): void => {
      open.delete(socket);
      socket.setTimeout(0);
      socket.off('data', take).off('end', end).off('close', forget).off('timeout', give);
    };
    const give = (): void => {
      if (state !== 'answering') socket.destroy();
    };
    const end = (): void => {
      hasEnded = true;
      if (state === 'reading') socket.end();
    };
    const passOn = (): void => {
      forget();
      if (!socket.destroyed) handOver(unread!);
    };

    const take = (chunk: Buffer): void => {
      unread = unread === null ? chunk : Buffer.concat([unread, chunk]);
      pieces++;
      if (state === 'reading') look();
      else if (unread.length > mostBytes) socket.pause();
    };

    /** Answers what has come, while nothing is being answered; or waits for the rest of it. */
    const look = (): void => {
      const request = readRequest(unread!);
      if (request === 'unfinished' && pieces <= morePieces) return;
      const answered = typeof request === 'string' ? null : answer(request.head, request.body);
      if (answered === null || typeof request === 'string') passOn();
      else finish(answered, request.bytes).catch(() => socket.destroy());
    };

    const finish = async (answered: Promise<QuickResponse | null>, bytes: number): Promise<void> => {
      state = 'answering';
      const response = await answered.catch(() => null);
      if (response === null) {
        passOn();
        return;
      }
      const rest = unread!.subarray(bytes);
      unread = rest.length === 0 ? null : rest;
      pieces = unread === null ? 0 : 1;
      write(response);
      if (isClosing || hasEnded) socket.end();
      state = 'sending';
      // Who does not read what was answered is not asked for more.
      if (socket.writableNeedDrain) await once(socket, 'drain');
      state = 'reading';
      if (socket.destroyed || isClosing || hasEnded) return;
      if (socket.isPaused()) socket.resume();
      if (unread !== null) look();
    };

    const write = ({ status, headers, body }: QuickResponse): void => {
      if (socket.destroyed) return;
      const bytes = Buffer.byteLength(body);
      let head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`;
      for (const name in headers) head += `${name}: ${headers[name]}\r\n`;
      head += `content-length: ${bytes}\r\nDate: ${date()}\r\n${isClosing || hasEnded ? 'Connection: close' : staying}${headEnd}`;
      // What is all ASCII needs no encoding.
      if (typeof body === 'string') socket.write(head + body, bytes === body.length ? 'latin1' : 'utf8');
      else {
        socket.cork();
        socket.write(head, 'latin1');
        socket.write(body);
        socket.uncork();
      }
    };

    open.set(socket, { isIdle: () => state === 'reading' && unread === null });
    socket.setTimeout(idleMillis);
    socket.on('data', take).on('end', end).on('error', forget).on('close', forget).on('timeout', give);
    take(seen);
  }

  return {
    accept,
    async close(cut) {
      isClosing = true;
      const gone = [...open.keys()].map(
        (socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())),
      );
      for (const [socket, { isIdle }] of open) if (isIdle()) socket.destroy();
      const terminate = (): void => {
        for (const socket of open.keys()) socket.destroy();
      };
      if (cut.aborted) terminate();
      else cut.addEventListener('abort', terminate, { once: true });
      await Promise.all(gone);
      cut.removeEventListener('abort', terminate);
    },
  };

  /** The first request in what has come. */
  function readRequest(unread: Buffer): PlainRequest | 'unfinished' | 'not plain' {
    const bodyAt = unread.indexOf(headEnd) + headEnd.length;
    if (bodyAt < headEnd.length || isDraining()) return 'not plain';
    const head = headOf(unread.toString('latin1', 0, bodyAt - headEnd.length));
    const bytes = bodyAt + (head?.bodyBytes ?? 0);
    if (head === null || bytes > mostBytes) return 'not plain';
    return unread.length < bytes ? 'unfinished' : { head, body: unread.subarray(bodyAt, bytes), bytes };
  }
}

/** So many heads are remembered, which clients send again and again; none that shows a token. */
const mostHeads = 100;

function createHeadReader(): (text: string) => RequestHead | null {
  const known = new Map<string, RequestHead>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const head = readRequestHead(text);
    if (head?.authorization === undefined && head !== null && known.size < mostHeads) known.set(text, head);
    return head;
  };
}

/** The time as HTTP writes it, worked out once a second. */
function createDateHeader({ nowMillis }: Pick<SystemClock, 'nowMillis'>): () => string {
  let [second, text] = [Number.NaN, ''];
  return () => {
    const now = Math.floor(nowMillis() / 1_000);
    if (now !== second) [second, text] = [now, new Date(now * 1_000).toUTCString()];
    return text;
  };
}

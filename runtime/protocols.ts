import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** How every connection of HTTP/2 without TLS begins (RFC 9113, section 3.4); no method of HTTP/1 begins so. */
const preface = 'PRI';
/** A connection that says nothing is of no use. */
const greetingMillis = 15_000;

/** What is not decided yet. */
export interface ProtocolSwitch {
  /** Cuts the connections that have not said anything. */
  close(): void;
}

export interface Acceptors {
  readonly acceptHttp2: (socket: Socket) => void;
  /** Of HTTP/1; may give it to the server after all, with what was read of it and is not answered. */
  readonly acceptPlain: (socket: Socket, seen: Buffer, handOver: (unread: Buffer) => void) => void;
}

/** Lets somebody read a socket from `unread` on. */
function giveBack(socket: Socket, unread: Buffer, accept: () => void): void {
  socket.pause();
  socket.unshift(unread);
  accept();
  process.nextTick(() => socket.resume());
}

/**
 * HTTP/1 and HTTP/2 on one port: looks at the first bytes of each connection and hands those of HTTP/2 on, before the
 * server reads any.
 */
export function switchProtocols(server: Server, { acceptHttp2, acceptPlain }: Acceptors): ProtocolSwitch {
  const undecided = new Set<Socket>();
  const acceptHttp1 = server.listeners('connection') as ((socket: Socket) => void)[];
  server.removeAllListeners('connection');

  const takeAsServer = (socket: Socket): void => {
    for (const accept of acceptHttp1) accept.call(server, socket);
  };

  server.on('connection', (socket: Socket) => {
    let seen: Buffer | null = null;
    const forget = (): void => {
      undecided.delete(socket);
      socket.setTimeout(0);
      socket.off('data', look);
      socket.off('error', forget);
      socket.off('close', forget);
      socket.off('timeout', give);
    };
    const give = (): void => void socket.destroy();
    const look = (chunk: Buffer): void => {
      seen = seen === null ? chunk : Buffer.concat([seen, chunk]);
      const start = seen.toString('latin1', 0, preface.length);
      if (start.length < preface.length && preface.startsWith(start)) return;
      forget();
      if (start === preface) giveBack(socket, seen, () => acceptHttp2(socket));
      else acceptPlain(socket, seen, (unread) => giveBack(socket, unread, () => takeAsServer(socket)));
    };
    undecided.add(socket);
    socket.setTimeout(greetingMillis);
    socket.on('data', look);
    socket.on('error', forget);
    socket.on('close', forget);
    socket.on('timeout', give);
  });
  return {
    close: () => {
      for (const socket of undecided) socket.destroy();
    },
  };
}

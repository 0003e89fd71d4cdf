import type { Socket } from 'node:net';

/**
 * As much HTTP/1.1 as servers of JSON speak over kept connections (a status line, Content-Length, no chunks): little enough
 * to leave them the processor.
 */
export interface Answer {
  readonly status: number;
  /** Status line and headers. */
  readonly head: string;
  /** With its head. */
  readonly bytes: number;
  /** Only when it was asked for. */
  readonly body: Buffer | null;
}

/** An answer that takes longer has failed. */
export const timeoutMillis = 5_000;

const headEnd = '\r\n\r\n';

/** A POST of JSON, as it goes over a socket. */
export function postOf(path: string, body: string): Buffer {
  const head = [
    `POST ${path} HTTP/1.1`,
    'Host: localhost',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${head.join('\r\n')}${headEnd}${body}`);
}

/** Sends one request and waits for the whole of its answer; rejects when there is none in time. */
export function ask(socket: Socket, request: Buffer, isKept = false): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let head = '';
    let headBytes = 0;
    let received = 0;
    let expected = Number.POSITIVE_INFINITY;
    const kept: Buffer[] = [];
    const onData = (chunk: Buffer) => {
      received += chunk.length;
      if (isKept) kept.push(chunk);
      if (expected === Number.POSITIVE_INFINITY) {
        head += chunk.toString('latin1');
        const end = head.indexOf(headEnd);
        if (end < 0) return;
        headBytes = end + headEnd.length;
        head = head.slice(0, end);
        expected = headBytes + Number(/content-length: *(\d+)/i.exec(head)?.[1]);
        if (Number.isNaN(expected)) return onFailure();
      }
      if (received < expected) return;
      settle();
      const body = isKept ? Buffer.concat(kept).subarray(headBytes) : null;
      resolve({ status: Number(head.slice(9, 12)), head, bytes: received, body });
    };
    const onFailure = () => {
      settle();
      reject(new Error('the server did not answer in time, or not with a length'));
    };
    const settle = () => {
      clearTimeout(timer);
      socket.off('data', onData).off('close', onFailure);
    };
    const timer = setTimeout(onFailure, timeoutMillis);
    socket.on('data', onData).on('close', onFailure);
    socket.write(request);
  });
}

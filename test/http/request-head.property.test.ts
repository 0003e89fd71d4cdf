import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readRequestHead } from '../../runtime/quick/request-head.ts';

const server = createServer((request, response) => {
  heard = request;
  request.resume().on('end', () => response.end());
});
let heard: IncomingMessage | null = null;
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise<unknown>((resolve) => server.close(resolve)));

/** The request as Node reads it; null = it does not. */
async function asNodeReads(bytes: Buffer): Promise<IncomingMessage | null> {
  heard = null;
  await new Promise<void>((resolve) => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1', () => socket.write(bytes));
    socket.once('data', () => socket.destroy()).on('error', () => {});
    socket.once('close', () => resolve());
  });
  return heard;
}

const needed = ['host: localhost:4000', 'Content-Type:application/json; charset=utf-8', 'content-length: 2'];
const others = [
  'accept: */*',
  'Authorization: Bearer a.b-c_d',
  'asof-principal: reader ann',
  'connection: keep-alive',
  'user-agent: wrk/4 (x; y)',
  'traceparent: 00-ab-cd-01',
];
const someLines = fc.shuffledSubarray(others).map((lines) => [...lines.slice(0, 2), ...needed, ...lines.slice(2)]);

/** Something that is put in, over, or taken away anywhere. */
const slip = fc.record({
  at: fc.nat(400),
  taken: fc.nat(2),
  put: fc.constantFrom(
    '',
    ' ',
    '\t',
    '\r',
    '\n',
    '\r\n',
    ':',
    '0',
    '-',
    ',',
    '\0',
    '\u00e9',
    '\u007f',
    'chunked',
    'X-A: b\r\n',
  ),
});

it('reads what it takes for plain as Node does', async () => {
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(someLines, fc.array(slip, { maxLength: 2 }), async (lines, slips) => {
      let text = ['POST /graphql HTTP/1.1', ...lines].join('\r\n');
      for (const { at, taken: length, put } of slips) {
        const from = at % (text.length + 1);
        text = text.slice(0, from) + put + text.slice(from + length);
      }
      const head = readRequestHead(text);
      // An empty line would end it before.
      if (head === null || text.includes('\r\n\r\n') || head.bodyBytes > 10_000) return;
      taken++;
      const body = 'x'.repeat(head.bodyBytes);
      const request = await asNodeReads(Buffer.from(`${text}\r\n\r\n${body}`, 'latin1'));
      expect(request).not.toBeNull();
      const { method, url, headers } = request!;
      expect({ method, path: url, host: headers.host, accept: headers.accept }).toEqual({
        method: 'POST',
        path: head.path,
        host: head.host,
        accept: head.accept,
      });
      expect([headers.authorization, headers['asof-principal'], Number(headers['content-length'])]).toEqual([
        head.authorization,
        head.told,
        head.bodyBytes,
      ]);
      expect([headers['transfer-encoding'], headers.upgrade, headers.expect]).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
    }),
    { numRuns: 2_000 },
  );
  expect(taken).toBeGreaterThan(100);
}, 60_000);

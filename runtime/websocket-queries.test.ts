import { buildSchema, type DocumentNode, parse } from 'graphql';
import { beforeEach, describe, expect, it } from 'vitest';
import { localPrincipal, type Principal } from './access/principal.ts';
import type { AnswerDirectly } from './graph.ts';
import { noTrustedDocuments } from './trusted-documents.ts';
import { createSocketQueries, type SocketQueries } from './websocket-queries.ts';

const schema = buildSchema('type Query { a: Int }');
let sent: string[];
let passed: string[];
let closed: [number, string][];
let waiting: ((body: string) => void)[];
let subscriptions: Record<string, never>;
let queries: SocketQueries;
/** What the graph says of a document; null = it has no direct answer. */
let direct: AnswerDirectly | null;
let admit: () => Promise<Principal>;
let isAcknowledged: boolean;
/** Queries that have come and are not answered. */
let owed: number;

beforeEach(() => {
  [sent, passed, closed, waiting, subscriptions, isAcknowledged, owed] = [[], [], [], [], {}, true, 0];
  admit = async () => localPrincipal;
  direct = () => new Promise((resolve) => waiting.push(resolve));
  const execute = () => Promise.reject(new Error('not this way'));
  const graph = { schema, execute, direct: () => direct };
  queries = createSocketQueries(
    {
      source: { current: () => graph, onChange: () => () => {} },
      trusted: noTrustedDocuments,
      check: (_schema, text): { document: DocumentNode } => ({ document: parse(text) }),
      runDirectly: (answer, request) =>
        answer(request)?.then((body) => ({ body: body as string, hasErrors: false })) ?? null,
      atOnce: 3,
    },
    {
      context: () => (isAcknowledged ? { subscriptions } : null),
      admit: () => admit(),
      send: (text) => sent.push(text),
      close: (code, reason) => closed.push([code, reason]),
      pass: (text) => passed.push(text),
      begin: () => {
        owed++;
        return () => {
          owed--;
        };
      },
    },
  );
});

const settle = () => new Promise((resolve) => setImmediate(resolve));
const message = (type: string, id: string, payload: object = { query: '{ a }' }) =>
  JSON.stringify({ id, type, payload });

describe('queries of a socket', () => {
  it('are answered and completed, each with its id', async () => {
    expect(queries.take(message('subscribe', 'x"1'))).toBe(true);
    expect(queries.take(message('subscribe', '2'))).toBe(true);
    await settle();
    expect(owed).toBe(2);
    waiting[1]!('{"data":{"a":2}}\n');
    waiting[0]!('{"data":{"a":1}}\n');
    await settle();
    expect(owed).toBe(0);
    expect(sent.map((text) => JSON.parse(text))).toEqual([
      { id: '2', type: 'next', payload: { data: { a: 2 } } },
      { id: '2', type: 'complete' },
      { id: 'x"1', type: 'next', payload: { data: { a: 1 } } },
      { id: 'x"1', type: 'complete' },
    ]);
    expect(queries.take(message('subscribe', '2'))).toBe(true);
    expect(passed).toEqual([]);
  });

  it('that are not wanted any more are not answered', async () => {
    queries.take(message('subscribe', '1'));
    await settle();
    expect(queries.take(message('complete', '1'))).toBe(true);
    expect(queries.take(message('complete', '1'))).toBe(false);
    waiting[0]!('{"data":{"a":1}}');
    await settle();
    expect(sent).toEqual([]);
  });

  it('with an id that another answer waits under end the socket with 4409', async () => {
    queries.take(message('subscribe', '1'));
    expect(queries.take(message('subscribe', '1'))).toBe(true);
    expect(closed).toEqual([[4409, 'Subscriber for 1 already exists']]);
  });

  it('are passed on when the graph has no answer, or refuses these variables', async () => {
    direct = null;
    expect(queries.take(message('subscribe', '1'))).toBe(false);
    direct = () => null;
    expect(queries.take(message('subscribe', '1'))).toBe(true);
    await settle();
    expect(passed).toEqual([message('subscribe', '1')]);
    expect(queries.take(message('complete', '1'))).toBe(false);
  });

  it('are passed on when the client is not admitted', async () => {
    admit = () => Promise.reject(new Error('no'));
    expect(queries.take(message('subscribe', '1'))).toBe(true);
    await settle();
    expect(passed).toEqual([message('subscribe', '1')]);
  });

  it.each([
    ['another type', message('ping', '1')],
    ['no JSON', '{'],
    ['no object', '[]'],
    ['no id', JSON.stringify({ type: 'subscribe', payload: { query: '{ a }' } })],
    ['an empty id', message('subscribe', '')],
    ['no query', message('subscribe', '1', {})],
    ['variables that are a list', message('subscribe', '1', { query: '{ a }', variables: [] })],
    ['a name that is none', message('subscribe', '1', { query: '{ a }', operationName: 1 })],
  ])('leave to the protocol what is not plain: %s', (_what, text) => {
    expect(queries.take(text)).toBe(false);
  });

  it('leave to the protocol its own ids, what comes before the acknowledgement, and what is too much', () => {
    subscriptions = { 1: undefined as never };
    expect(queries.take(message('subscribe', '1'))).toBe(false);
    expect(['2', '3', '4', '5'].map((id) => queries.take(message('subscribe', id)))).toEqual([true, true, true, false]);
    isAcknowledged = false;
    expect(queries.take(message('subscribe', '6'))).toBe(false);
  });
});

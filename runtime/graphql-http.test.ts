import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../adapters/clock/manual-clock.ts';
import { at, ok, post, startProcess, until } from '../test/gateway/tiny-process.ts';

describe('GraphQL over HTTP', () => {
  it('answers POST and GET, mutations only by POST', async () => {
    const { host } = await startProcess();
    const answered = await post(host, ok);
    expect(answered).toMatchObject({ status: 200, body: { data: { airport: { delay: 7 } } } });
    expect(answered.headers.get('content-type')).toContain('application/json');
    const get = (query: string) =>
      fetch(`${at(host)}?query=${encodeURIComponent(query)}`, { headers: { 'apollo-require-preflight': '1' } });
    expect(await (await get(ok.query)).json()).toEqual({ data: { airport: { delay: 7 } } });
    expect((await get('mutation { add(by: 1) }')).status).toBe(405);
  });

  it('picks the operation by name, and takes variables', async () => {
    const { host } = await startProcess();
    const query = 'query A($c: String!) { airport(iata: $c) { delay } } query B { airport(iata: "ATL") { iata } }';
    expect((await post(host, { query, operationName: 'A', variables: { c: 'ORD' } })).body).toEqual({
      data: { airport: { delay: 12 } },
    });
    expect((await post(host, { query, operationName: 'B' })).body).toEqual({ data: { airport: { iata: 'ATL' } } });
    expect((await post(host, { query })).status).toBe(400);
  });

  it.each([
    ['no JSON', '{"query":', 400, 'BAD_INPUT'],
    ['an empty object', '{}', 400, 'BAD_REQUEST'],
    ['a list', '[]', 400, 'BAD_REQUEST'],
    ['null', 'null', 400, 'BAD_REQUEST'],
    ['a query that is no text', '{"query": 7}', 400, 'BAD_REQUEST'],
    ['variables that are no object', '{"query": "{ slow }", "variables": [1]}', 400, 'BAD_REQUEST'],
    ['a syntax error', JSON.stringify({ query: '{ airport(' }), 400, 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', JSON.stringify({ query: '{ airprot }' }), 400, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'a document of too many tokens',
      JSON.stringify({ query: `{ ${'a '.repeat(20_000)}}` }),
      400,
      'GRAPHQL_PARSE_FAILED',
    ],
    ['nesting beyond any stack', JSON.stringify({ query: '{a'.repeat(4_900) }), 400, 'GRAPHQL_PARSE_FAILED'],
  ])('refuses %s and goes on', async (_what, body, status, code) => {
    const { host } = await startProcess();
    const answer = await post(host, body);
    expect([answer.status, answer.body.errors[0].extensions.code]).toEqual([status, code]);
    expect((await post(host, ok)).status).toBe(200);
  });

  it.each([
    ['data', ok, {}],
    ['data by another media type', ok, { accept: 'application/graphql-response+json' }],
    ['null variables', { ...ok, variables: null, operationName: null }, {}],
    ['an expected error', { query: '{ featureView(name: "x") { owner } airport(iata: 7) { delay } }' }, {}],
    ['a refused mutation', { query: 'mutation { fail(kind: "expected") }' }, {}],
    ['a variable of a wrong type', { query: 'query ($c: String!) { airport(iata: $c) { delay } }' }, {}],
    ['a subscription', { query: 'subscription { airportChanged(iata: ["ATL"]) { delay } }' }, {}],
    ['an unknown operation', { ...ok, operationName: 'nobody' }, {}],
    ['no type that there is', ok, { accept: 'text/plain' }],
  ])('answers with or without Apollo Server the same: %s', async (_what, body, headers) => {
    const { host } = await startProcess();
    const ask = async (asked: object) => {
      const all = { 'content-type': 'application/json', ...headers };
      const answer = await fetch(at(host), { method: 'POST', headers: all, body: JSON.stringify(asked) });
      const { 'x-request-id': _, date: __, ...told } = Object.fromEntries(answer.headers);
      return { status: answer.status, told, text: await answer.text() };
    };
    // Extensions, even none, are Apollo Server's.
    expect(await ask(body)).toEqual(await ask({ ...body, extensions: {} }));
  });

  it('keeps the limits of depth and fields, with their names', async () => {
    const { host } = await startProcess({ limits: { depth: 2, fields: 5 } });
    const deep = await post(host, { query: '{ airport(iata: "ATL") { view { owner } } }' });
    expect(deep).toMatchObject({
      status: 400,
      body: { errors: [{ extensions: { code: 'LIMIT_EXCEEDED', expected: 'at most 2', got: '3' } }] },
    });
    const doubling = `{ airport(iata: "ATL") { ...b ...c } } fragment a on Airport { iata delay }
      fragment b on Airport { ...a x: iata } fragment c on Airport { ...a }`;
    expect((await post(host, { query: doubling })).body.errors[0].extensions).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      got: '6',
    });
    const shallow = await startProcess({ limits: { depth: 2, introspections: 2 } });
    const schema = '__schema { types { fields { type { ofType { name } } } } }';
    expect((await post(shallow.host, { query: `{ ${schema} }` })).status).toBe(200);
    const repeated = await post(shallow.host, {
      query: `{ a: ${schema} ...b } fragment b on Query { b: ${schema} c: ${schema} }`,
    });
    expect(repeated.body.errors[0].extensions).toMatchObject({ code: 'LIMIT_EXCEEDED', got: '3' });
  });

  it('counts fields that ask nothing of anybody: doubling fragments of them take as long', async () => {
    const { host } = await startProcess();
    const doubling = Array.from({ length: 40 }, (_, i) => `fragment f${i} on Airport { ...f${i + 1} ...f${i + 1} }`);
    const query = `{ airport(iata: "ATL") { ...f0 } } ${doubling.join(' ')} fragment f40 on Airport { __typename }`;
    expect(await post(host, { query })).toMatchObject({
      status: 400,
      body: { errors: [{ extensions: { code: 'LIMIT_EXCEEDED', got: String(2 ** 40 + 1) } }] },
    });
  });

  it('refuses an operation name that the document does not have', async () => {
    const { host } = await startProcess();
    for (const operationName of ['B', '__proto__']) {
      expect(await post(host, { query: 'query A { __typename }', operationName })).toMatchObject({
        status: 400,
        body: {
          errors: [
            { message: expect.stringContaining(operationName), extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } },
          ],
        },
      });
    }
  });

  it('refuses brackets deeper than the planner reads, in documents and in variables', async () => {
    const { host } = await startProcess();
    const lists = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    const fragments = `{ airport(iata: "ATL") ${'{ ... on Airport '.repeat(60)}{ iata }${' }'.repeat(60)} }`;
    for (const query of [`query ($x: Boolean = ${lists(60)}) { __typename @skip(if: $x) }`, fragments]) {
      const { status, body } = await post(host, { query });
      expect(status).toBe(400);
      expect(body.errors).toContainEqual(
        expect.objectContaining({ extensions: expect.objectContaining({ code: 'LIMIT_EXCEEDED' }) }),
      );
    }
    const query = 'query ($x: String!) { airport(iata: $x) { delay } }';
    for (const depth of [100, 100_000]) {
      const { body } = await post(host, `{"query":${JSON.stringify(query)},"variables":{"x":${lists(depth)}}}`);
      expect(body.errors[0].extensions).toMatchObject({ code: 'LIMIT_EXCEEDED', path: 'variables' });
    }
    expect((await post(host, ok)).status).toBe(200);
  });

  it('takes a client that leaves in the middle of its request for no failure', async () => {
    const { host, logged } = await startProcess();
    const socket = connect(host.port, '127.0.0.1');
    await new Promise<void>((resolve) => socket.once('connect', resolve));
    const head =
      'POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"q';
    await new Promise<void>((resolve) => socket.write(head, () => resolve()));
    expect((await post(host, ok)).status).toBe(200);
    socket.destroy();
    for (let i = 0; i < 3; i++) expect((await post(host, ok)).status).toBe(200);
    expect(logged.filter((line) => line.includes('unexpected failure'))).toEqual([]);
  });

  it('answers 413 to a body that is too long, declared or not', async () => {
    const { host } = await startProcess({ limits: { bodyBytes: 1_000 } });
    const declared = await post(host, { query: '#'.repeat(2_000) });
    expect(declared).toMatchObject({ status: 413, body: { errors: [{ extensions: { code: 'LIMIT_EXCEEDED' } }] } });
    const status = await new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json' };
      const sending = httpRequest(at(host), { method: 'POST', headers }, (response) => resolve(response.statusCode));
      sending.on('error', reject);
      for (let chunk = 0; chunk < 10; chunk++) sending.write('x'.repeat(200));
      sending.end();
    });
    expect(status).toBe(413);
  });

  it('refuses what a page of another origin can send without asking', async () => {
    const { host } = await startProcess();
    const plain = await post(host, JSON.stringify({ query: 'mutation { add(by: 1) }' }), {
      'content-type': 'text/plain',
    });
    expect(plain.status).toBe(400);
    const status = await new Promise((resolve) => {
      httpRequest(at(host, '/healthz'), { headers: { host: 'evil.example' } }, (response) =>
        resolve(response.statusCode),
      ).end();
    });
    expect(status).toBe(403);
  });

  it('refuses a subscription with the way to have it, and starts nothing', async () => {
    const { host, world } = await startProcess();
    const answer = await post(host, { query: 'subscription { airportChanged(iata: ["ATL"]) { delay } }' });
    expect(answer.status).toBe(400);
    expect(answer.body.errors[0]).toMatchObject({
      message: expect.stringContaining('needs a WebSocket'),
      extensions: { code: 'BAD_INPUT', remedy: expect.stringContaining('graphql-transport-ws') },
    });
    expect(world.listening()).toBe(0);
  });

  it('shows expected failures in full, and masks the rest under an id that the log explains', async () => {
    const { host, logged } = await startProcess();
    const expected = await post(host, { query: 'mutation { fail(kind: "expected") }' });
    expect(expected.body).toMatchObject({
      data: { fail: null },
      errors: [
        {
          path: ['fail'],
          message: 'views.x: unknown view; got x. Use another.',
          extensions: { code: 'UNKNOWN_NAME', path: 'views.x', got: 'x', remedy: 'Use another.' },
        },
      ],
    });
    const masked = await post(host, { query: 'mutation { fail(kind: "unexpected") }' });
    const [error] = masked.body.errors;
    expect(error.extensions).toEqual({ code: 'INTERNAL', errorId: expect.any(String) });
    expect(JSON.stringify(masked.body)).not.toContain('hunter2');
    const line = logged.find((one) => one.includes(error.extensions.errorId));
    expect(line).toContain('postgres://user:[secret]@db');
    expect(line).not.toContain('hunter2');
  });

  it('gives up after the time limit and tells the work to stop', async () => {
    const clock: ManualClock = createManualClock({ at: 0 });
    const { host, world } = await startProcess({ clock, limits: { operationMillis: 5_000 } });
    const answer = post(host, { query: '{ slow }' });
    await until(() => world.signals.length === 1);
    expect(world.signals[0]?.aborted).toBe(false);
    await clock.advance(5_000);
    expect((await answer).body.errors[0]).toMatchObject({ extensions: { code: 'UNAVAILABLE' } });
    expect(world.signals[0]?.aborted).toBe(true);
  });

  it('tells the work to stop when the client leaves', async () => {
    const { host, world } = await startProcess();
    const left = new AbortController();
    const asked = fetch(at(host), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ slow }"}',
      signal: left.signal,
    }).catch(() => 'left');
    await until(() => world.signals.length === 1);
    left.abort();
    expect(await asked).toBe('left');
    await until(() => world.signals[0]?.aborted === true);
  });
});

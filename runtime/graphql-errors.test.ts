import { buildSchema, executeSync, GraphQLError, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { AsofError } from '../core/errors/asof-error.ts';
import { createPublicErrors, fromFormatted } from './graphql-errors.ts';
import { createLogger, withoutPasswords } from './logging.ts';

function create() {
  const logged: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void logged.push(JSON.parse(line)) };
  return { logged, show: createPublicErrors(createLogger({ name: 'test', level: 'info', destination })) };
}

describe('public errors', () => {
  it('shows an AsofError in full, through however many wraps, at its path', () => {
    const { show, logged } = create();
    const inner = new AsofError('BAD_INPUT', 'no', { path: 'a.b', expected: 'x', got: 'y', remedy: 'z' });
    const wrapped = new GraphQLError('outer', {
      path: ['f'],
      originalError: new GraphQLError('mid', { originalError: inner }),
    });
    expect(show(wrapped).toJSON()).toEqual({
      message: 'a.b: no; expected x; got y. z',
      path: ['f'],
      extensions: { code: 'BAD_INPUT', path: 'a.b', expected: 'x', got: 'y', remedy: 'z' },
    });
    expect(logged).toEqual([]);
  });

  it.each([
    new Error('secret'),
    new GraphQLError('secret', { originalError: new TypeError('secret') }),
    new AsofError('INTERNAL', 'secret'),
    new GraphQLError('secret', { extensions: { code: 'SOMETHING_ELSE', secret: 1 } }),
    'secret',
    null,
    { message: 'secret' },
  ])('masks %s, and logs it under the id that the client sees', (error) => {
    const { show, logged } = create();
    const shown = show(error);
    expect(JSON.stringify(shown)).not.toContain('secret');
    expect(shown.extensions).toEqual({ code: 'INTERNAL', errorId: logged[0]?.errorId });
    expect(show(shown)).toBe(shown);
    expect(logged).toHaveLength(1);
  });

  it('shows what GraphQL says of a variable that does not fit', () => {
    const { show } = create();
    const schema = buildSchema('type Query { a(version: Int): Int }');
    const document = parse('query ($v: Int) { a(version: $v) }');
    const { errors } = executeSync({ schema, document, variableValues: { v: 'x' } });
    expect(errors).toHaveLength(1);
    expect(show(errors![0]).toJSON()).toMatchObject({
      message: expect.stringContaining('Int cannot represent'),
      extensions: { code: 'BAD_USER_INPUT' },
    });
  });

  it('masks what GraphQL says of a value that we made', () => {
    const { show } = create();
    const schema = buildSchema('type Query { a: Int }');
    const { errors } = executeSync({ schema, document: parse('{ a }'), rootValue: { a: 'secret' } });
    expect(show(errors![0]).extensions.code).toBe('INTERNAL');
  });

  it('passes on what another process of ours has already made public', () => {
    const { show } = create();
    const remote = fromFormatted({ message: 'm', path: ['a', 0], extensions: { code: 'NOT_READY', remedy: 'wait' } });
    expect(show(remote).toJSON()).toEqual({
      message: 'm',
      path: ['a', 0],
      extensions: { code: 'NOT_READY', remedy: 'wait' },
    });
    const masked = fromFormatted({ message: 'Internal error 1.', extensions: { code: 'INTERNAL', errorId: '1' } });
    expect(show(masked).extensions).toEqual({ code: 'INTERNAL', errorId: '1' });
  });
});

describe('logs', () => {
  it('never hold secrets', () => {
    const lines: string[] = [];
    const logger = createLogger({
      name: 'test',
      level: 'info',
      destination: { write: (line) => void lines.push(line) },
    });
    const headers = { authorization: 'Bearer hunter2', cookie: 'hunter2' };
    logger.info({ headers, request: { headers }, token: 'hunter2', config: { redisUrl: 'redis://:hunter2@h' } }, 'in');
    logger.error({ err: new Error('at postgres://u:hunter2@h/db', { cause: new Error('redis://:hunter2@h') }) }, 'out');
    expect(lines).toHaveLength(2);
    expect(lines.join('')).not.toContain('hunter2');
    expect(withoutPasswords('see https://host:8080/a@b')).toBe('see https://host:8080/a@b');
  });
});

import { describe, expect, it } from 'vitest';
import { createTokenAuthenticator, localAuthenticator } from './authenticator.ts';
import { localPrincipal, readToldPrincipal, requireNeed, tellPrincipal } from './principal.ts';
import { digestOf } from './token-file.ts';

const client = 'clients-horse-battery';
const gateway = 'gateway-horse-battery';
const told = { 'asof-principal': 'admin ops' };

function authenticator() {
  return createTokenAuthenticator({
    clients: [{ name: 'notebook', role: 'reader', digest: digestOf(client) }],
    gateway: [digestOf(gateway)],
  });
}

describe('a token authenticator', () => {
  it('knows clients and the gateway, and believes only the gateway for whom it asks', async () => {
    const { authenticate } = authenticator();
    const notebook = { name: 'notebook', role: 'reader', isGateway: false };
    expect(await authenticate({ authorization: `Bearer ${client}` })).toEqual(notebook);
    expect(await authenticate({ authorization: `bearer  ${client}`, ...told })).toEqual(notebook);
    expect(await authenticate({ authorization: `Bearer ${gateway}`, ...told })).toEqual({
      name: 'ops',
      role: 'admin',
      isGateway: true,
    });
    expect(await authenticate({ authorization: `Bearer ${gateway}` })).toMatchObject({ role: 'reader' });
  });

  it.each([
    ['nothing', undefined, 'no token'],
    ['another scheme', `Basic ${client}`, 'another'],
    ['an unknown token', 'Bearer unknown-horse-battery', 'a token that is not known'],
    ['part of a token', `Bearer ${client.slice(0, -1)}`, 'a token that is not known'],
    ['no token behind the scheme', 'Bearer ', 'another'],
  ])('refuses %s, and says no token', async (_what, authorization, got) => {
    const error: unknown = await authenticator()
      .authenticate({ authorization, ...told })
      .catch((cause) => cause);
    expect(error).toMatchObject({
      code: 'UNAUTHENTICATED',
      details: { got, expected: expect.any(String), remedy: expect.any(String) },
    });
    expect(String(error)).not.toContain('horse');
  });

  it('takes over other tokens, and says so', async () => {
    const tokens = authenticator();
    let changes = 0;
    const stop = tokens.onChange(() => void changes++);
    tokens.replace({ clients: [{ name: 'app', role: 'writer', digest: digestOf('newer-horse-battery') }] });
    await expect(tokens.authenticate({ authorization: `Bearer ${client}` })).rejects.toThrow('no valid token');
    expect(await tokens.authenticate({ authorization: 'Bearer newer-horse-battery' })).toMatchObject({ name: 'app' });
    expect(await tokens.authenticate({ authorization: `Bearer ${gateway}` })).toMatchObject({ isGateway: true });
    stop();
    tokens.replace({});
    expect(changes).toBe(1);
  });

  it('where no tokens are asked for, welcomes everyone, and believes the gateway', async () => {
    expect(await localAuthenticator.authenticate({ authorization: 'Bearer whatever' })).toBe(localPrincipal);
    expect(await localAuthenticator.authenticate(told)).toMatchObject({ name: 'ops', role: 'admin' });
  });
});

describe('a principal', () => {
  it('is told from process to process', () => {
    for (const principal of [localPrincipal, { name: 'ci', role: 'writer', isGateway: true } as const]) {
      expect(readToldPrincipal(tellPrincipal(principal))).toEqual(principal);
    }
    for (const text of ['', 'root', 'root ci', 'admin ci more', 'admin  ci', 'admin c\ni', 'gateway']) {
      expect(() => readToldPrincipal(text), text).toThrow('asof-principal is not readable');
    }
  });

  it('may do what its role and those below may', () => {
    const roles = ['reader', 'writer', 'admin'] as const;
    for (const [at, role] of roles.entries()) {
      for (const [needed, need] of roles.entries()) {
        const ask = () => requireNeed({ name: 'ci', role, isGateway: false }, need, 'the mutation apply');
        if (at >= needed) ask();
        else expect(ask).toThrow(`'ci' may not use the mutation apply; expected a token with the role ${need}`);
      }
    }
    const client = { name: 'ci', role: 'admin', isGateway: false } as const;
    expect(() => requireNeed(client, 'gateway', '/graphql')).toThrow(/\/graphql is for the gateway only/);
    requireNeed({ ...client, role: 'reader', isGateway: true }, 'gateway', '/graphql');
  });
});

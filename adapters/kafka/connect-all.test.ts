import { expect, it } from 'vitest';
import { connectAll } from './connect-all.ts';

function client(name: string, refuses: 'connect' | 'disconnect' | null, connected: Set<string>) {
  return {
    async connect() {
      // A producer that may not write idempotently has its sockets when it is refused.
      connected.add(name);
      await new Promise((resolve) => setTimeout(resolve, name === 'slow' ? 20 : 0));
      if (refuses === 'connect') throw new Error(`${name} is refused`);
    },
    async disconnect() {
      connected.delete(name);
      if (refuses === 'disconnect') throw new Error(`${name} cannot leave`);
    },
  };
}

it('leaves none connected when one is refused, and tells why', async () => {
  const connected = new Set<string>();
  const clients = [client('slow', 'disconnect', connected), client('refused', 'connect', connected)];
  await expect(connectAll(clients)).rejects.toThrow('refused is refused');
  expect([...connected]).toEqual([]);
  await connectAll([client('slow', null, connected)]);
  expect([...connected]).toEqual(['slow']);
});

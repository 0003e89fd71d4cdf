import { expect, it } from 'vitest';
import { localPrincipal } from './access/principal.ts';
import { createClientSubscriptions } from './client-subscriptions.ts';

const client = (name: string) => ({ name, role: 'reader', isGateway: false }) as const;

it('counts what each client has open, and forgets what has ended, once', () => {
  const subscriptions = createClientSubscriptions(2);
  const first = subscriptions.begin(client('ana'));
  subscriptions.begin(client('ana'));
  expect(() => subscriptions.begin(client('ana'))).toThrow(
    "too many subscriptions of 'ana'; expected at most 2 at once in one process. End some",
  );
  subscriptions.begin(client('bob'));
  first();
  first();
  subscriptions.begin(client('ana'));
  expect(() => subscriptions.begin(client('ana'))).toThrow('too many');
});

it('limits nobody where no tokens are asked for', () => {
  const subscriptions = createClientSubscriptions(1);
  for (let count = 0; count < 3; count++) subscriptions.begin(localPrincipal);
});

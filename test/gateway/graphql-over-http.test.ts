import { serverAudits } from 'graphql-http';
import { describe, expect, it } from 'vitest';
import { at, startProcess } from './tiny-process.ts';

/** A GET that any page may send needs a header that none can: Apollo's protection from requests of other sites. */
const withoutHeader = ['5A70', 'D6D5', '6A70'];

describe('GraphQL over HTTP', () => {
  it('is as graphql-http audits it', async () => {
    const { host } = await startProcess();
    const audits = serverAudits({ url: at(host) });
    expect(audits.length).toBeGreaterThan(50);
    const results = await Promise.all(audits.map((audit) => audit.fn()));
    const complaints = results.filter(({ status }) => status !== 'ok');
    expect(complaints.filter(({ status }) => status !== 'notice').map(({ id, name }) => `${id} ${name}`)).toEqual([]);
    expect(complaints.map(({ id }) => id).sort()).toEqual([...withoutHeader].sort());
  });

  it('has nothing left to notice where a GET has that header', async () => {
    const { host } = await startProcess();
    const fetchFn: typeof fetch = (url, init) =>
      fetch(url, { ...init, headers: { ...init?.headers, 'apollo-require-preflight': '1' } });
    const results = await Promise.all(serverAudits({ url: at(host), fetchFn }).map((audit) => audit.fn()));
    expect(results.filter(({ status }) => status !== 'ok')).toEqual([]);
  });
});

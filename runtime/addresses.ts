import { AsofError } from '../core/errors/asof-error.ts';

/** How many addresses are remembered; others are read anew each time. */
const mostAddresses = 100;

/**
 * Reads the address that a request names. A page elsewhere may point its own name at this machine, and its requests carry that
 * name as their host: where only this machine can ask, only local names are answered.
 *
 * @throws AsofError FORBIDDEN for another name, BAD_INPUT for what is no address
 */
export function createAddressReader(isLocal: boolean): (authority: string, path: string) => URL {
  const known = new Map<string, URL>();
  return (authority, path) => {
    const asked = `${authority} ${path}`;
    const before = known.get(asked);
    if (before !== undefined) return before;
    const address = checkedUrl(isLocal, authority, path);
    if (known.size < mostAddresses && !path.includes('?')) known.set(asked, address);
    return address;
  };
}

function checkedUrl(isLocal: boolean, authority: string, path: string): URL {
  if (isLocal && !URL.canParse(`http://${authority}`)) throw foreign(authority);
  if (isLocal && !['localhost', '127.0.0.1', '[::1]'].includes(new URL(`http://${authority}`).hostname)) {
    throw foreign(authority);
  }
  if (!URL.canParse(path, 'http://host')) {
    throw new AsofError('BAD_INPUT', 'the request has no readable address', { got: path });
  }
  return new URL(path, 'http://host');
}

function foreign(authority: string): AsofError {
  return new AsofError('FORBIDDEN', 'this address answers only to local names', {
    expected: 'the host localhost, 127.0.0.1 or [::1]',
    got: authority,
  });
}

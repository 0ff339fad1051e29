/**
 * Looks a name up once, checks its addresses, and connects to what it found. So a name that changes in between leads nowhere else
 * (DNS rebinding).
 */
import { lookup as lookUp } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { type Loopback, mayConnect } from './allowed-address.ts';

/** The name leads to an address that is not public. */
export class RefusedAddressError extends Error {
  override readonly name = 'RefusedAddressError';

  constructor() {
    super('refused_address');
  }
}

/** Refuses a name if any of its addresses is not public. Node does not look up IP addresses: `addressRefusal` checks those. */
export function pinned(
  url: URL,
  loopback: Loopback,
  lookup: typeof lookUp = lookUp,
): LookupFunction {
  return (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return done(error, '');
      const isRefused = found.some(({ address }) => !mayConnect(url, address, loopback));
      const [first] = found;
      if (isRefused || !first) return done(new RefusedAddressError(), '');
      if (options.all) done(null, found);
      else done(null, first.address, first.family);
    });
  };
}

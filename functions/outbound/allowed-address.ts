/**
 * Allows only public addresses, for webhooks and for imports. Otherwise their senders could reach what only this service can reach,
 * such as the metadata server of its platform (SSRF).
 *
 * An address that is not known to be public is refused. https://www.iana.org/assignments/iana-ipv4-special-registry and
 * https://www.iana.org/assignments/iana-ipv6-special-registry
 */
import { BlockList, isIP } from 'node:net';
import { isLoopbackAddress, isPrivateAddress } from './private-address.ts';

const SPECIAL_V4 = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  SPECIAL_V4.addSubnet(net, bits);
}

/** All public IPv6 addresses. Loopback, mapped IPv4, NAT64, private, link-local and multicast addresses are outside of this range. */
const GLOBAL_V6 = new BlockList();
GLOBAL_V6.addSubnet('2000::', 3, 'ipv6');

/** Addresses of that range that lead to IPv4 (Teredo, 6to4) or nowhere. */
const SPECIAL_V6 = new BlockList();
SPECIAL_V6.addSubnet('2001::', 23, 'ipv6');
SPECIAL_V6.addSubnet('2001:db8::', 32, 'ipv6');
SPECIAL_V6.addSubnet('2002::', 16, 'ipv6');
SPECIAL_V6.addSubnet('2620:4f:8000::', 48, 'ipv6');
SPECIAL_V6.addSubnet('3fff::', 20, 'ipv6');

/** @example isPublicAddress('169.254.169.254') // false */
export function isPublicAddress(address: string): boolean {
  if (address.includes('%')) return false;
  switch (isIP(address)) {
    case 4:
      return !SPECIAL_V4.check(address);
    case 6:
      return GLOBAL_V6.check(address, 'ipv6') && !SPECIAL_V6.check(address, 'ipv6');
    default:
      return false;
  }
}

/** `allow`: addresses may also lead to this machine. Only the local cloud of a developer sets it. */
export type Loopback = 'refuse' | 'allow';

/** The usual ports of https. */
const PORTS: ReadonlySet<string> = new Set(['', '8443']);

/**
 * Names are not looked up here, because they may change. `mayConnect` checks them at each connection.
 * @returns why the address is refused; undefined if it is allowed
 */
export function addressRefusal(text: string, loopback: Loopback): string | undefined {
  const url = URL.parse(text);
  if (!url) return 'is no address such as https://app.example/hooks';
  if (url.username || url.password) return 'must have no user name and no password in it';
  if (url.hash) return 'must have no part after "#"';
  if (loopback === 'allow' && isLocal(url)) {
    return /^https?:$/.test(url.protocol) ? undefined : 'must begin with http:// or https://';
  }
  if (url.protocol !== 'https:') return 'must begin with https://';
  if (!PORTS.has(url.port)) return 'must have the port 443 or 8443';
  const host = hostOf(url);
  const isPublic = isIP(host) === 0 ? !isPrivateAddress(`https://${host}`) : isPublicAddress(host);
  return isPublic ? undefined : 'must lead to a public address';
}

/** @param address The result of looking up the name in `url`. */
export function mayConnect(url: URL, address: string, loopback: Loopback): boolean {
  if (loopback === 'allow' && isLocal(url)) {
    return isLoopbackAddress(`http://${isIP(address) === 6 ? `[${address}]` : address}`);
  }
  return isPublicAddress(address);
}

const isLocal = (url: URL) => isLoopbackAddress(url.href);

/** Without the brackets of IPv6, and without the final dot of a full name. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '').replace(/\.+$/, '');
}

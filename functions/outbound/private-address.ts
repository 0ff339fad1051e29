/** Recognises addresses of this machine and of the operator's own network, without DNS. */
import { BlockList, isIP } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

/** https://www.rfc-editor.org/rfc/rfc1918, rfc3927, rfc6598, rfc4193 and rfc4291 */
const PRIVATE = new BlockList();
PRIVATE.addSubnet('10.0.0.0', 8);
PRIVATE.addSubnet('172.16.0.0', 12);
PRIVATE.addSubnet('192.168.0.0', 16);
PRIVATE.addSubnet('169.254.0.0', 16);
PRIVATE.addSubnet('100.64.0.0', 10);
PRIVATE.addSubnet('fc00::', 7, 'ipv6');
PRIVATE.addSubnet('fe80::', 10, 'ipv6');

/** https://www.rfc-editor.org/rfc/rfc6761 and rfc6762. A name without a dot belongs to the network, such as `ollama` in Docker. */
const PRIVATE_NAME = /^[^.]+$|\.(local|internal|lan|home\.arpa)$/i;
const LOOPBACK_NAME = /^(.+\.)?localhost$/i;

/** @example isLoopbackAddress('http://127.0.0.1:11434/v1') // true */
export function isLoopbackAddress(url: string): boolean {
  return isOneOf(LOOPBACK, LOOPBACK_NAME, url);
}

/** Also true for an address of this machine. */
export function isPrivateAddress(url: string): boolean {
  return isLoopbackAddress(url) || isOneOf(PRIVATE, PRIVATE_NAME, url);
}

function isOneOf(list: BlockList, names: RegExp, url: string): boolean {
  const host = URL.parse(url)?.hostname.replace(/^\[|\]$/g, '') ?? '';
  const family = isIP(host);
  if (family === 0) return names.test(host);
  return list.check(host, family === 6 ? 'ipv6' : 'ipv4');
}

/**
 * Preloaded into a deployed unit (`node --import`): the network as this machine has it. Google's names and
 * addresses lead to ports of 127.0.0.1, any other leads nowhere. All else is as deployed: the unit finds the
 * address of a name, connects to port 443, and checks the certificate for that name.
 */
import dns from 'node:dns';
import net from 'node:net';

/** `host:port` as the unit knows it → port of this machine. */
const routes: Record<string, number> = JSON.parse(process.env.TEST_ROUTES ?? '{}');

/** Addresses that nobody has (RFC 5737), one for each name. */
const addresses = new Map<string, string>();
for (const [i, host] of [...new Set(Object.keys(routes).map(hostOf))].entries()) {
  if (!net.isIP(host)) addresses.set(host, `192.0.2.${i + 1}`);
}

function hostOf(target: string): string {
  return target.slice(0, target.lastIndexOf(':'));
}

function notFound(name: string): NodeJS.ErrnoException {
  process.send?.({ target: `${name} (not found)` });
  const error = new Error(`getaddrinfo ENOTFOUND ${name}`);
  return Object.assign(error, { code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname: name });
}

/** What gRPC asks; all others connect by the name itself. */
dns.promises.lookup = (async (name: string) => {
  const address = addresses.get(name);
  if (address === undefined) throw notFound(name);
  return [{ address, family: 4 }];
}) as unknown as typeof dns.promises.lookup;

/** gRPC looks for a configuration there, which Google's names do not have. */
dns.promises.resolveTxt = async (name) => {
  throw Object.assign(new Error(`queryTxt ENODATA ${name}`), { code: 'ENODATA' });
};

type Connect = (this: net.Socket, ...args: unknown[]) => net.Socket;

const connect = net.Socket.prototype.connect as Connect;
net.Socket.prototype.connect = function (this: net.Socket, ...args: unknown[]) {
  // Node hands over the arguments of `net.connect` in an array that it has marked as its own.
  const own = Array.isArray(args[0]) ? (args[0] as unknown[]) : args;
  const options = own[0] as net.TcpNetConnectOpts;
  if (!isOfThisMachine(options)) own[0] = redirect(options);
  return connect.apply(this, args);
} as typeof net.Socket.prototype.connect;

function isOfThisMachine({ host, port }: net.TcpNetConnectOpts): boolean {
  return port === undefined || host === undefined || /^(localhost$|127\.|::1$)/.test(host);
}

/** Another object: by the one that was given the certificate is checked. */
function redirect(options: net.TcpNetConnectOpts): net.TcpNetConnectOpts {
  const known = [...addresses].find(([, address]) => address === options.host)?.[0];
  const target = `${known ?? options.host}:${options.port}`;
  process.send?.({ target });
  // Nobody listens on port 1.
  return { ...options, host: '127.0.0.1', port: routes[target] ?? 1 };
}

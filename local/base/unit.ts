/**
 * Preloaded into each unit that runs on this machine (`node --import`): keeps the unit off the network, reports its
 * port to the parent process, and ends the unit when the parent is gone, even if the parent was killed.
 */
import net, { type AddressInfo } from 'node:net';

/** By default functions-framework and our server listen on every interface. Here only this machine may call. */
const HOST = '127.0.0.1';

type Listen = (this: net.Server, ...args: unknown[]) => net.Server;

const listen = net.Server.prototype.listen as Listen;
net.Server.prototype.listen = function (this: net.Server, ...args: unknown[]) {
  const [port, ...rest] = args;
  this.once('listening', () => {
    const { port: bound } = this.address() as AddressInfo;
    process.send?.({ listening: bound });
  });
  const isPort = typeof port === 'number' || typeof port === 'string';
  return isPort ? listen.call(this, port, HOST, ...rest) : listen.apply(this, args);
} as typeof net.Server.prototype.listen;

// Not by `process.exit`: the logger then writes its last lines, and repeats that for ever if the parent had the other end of
// stdout (sonic-boom 4, `flushSync`: it takes each error for a full pipe).
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.channel?.unref();

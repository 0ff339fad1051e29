/**
 * Preloaded into units whose start is measured: keeps them off the network and does nothing else. It is
 * JavaScript, so that a bundle need not load Node's type stripping. If `LOADED_MODULES` names a file, the
 * loaded modules are appended to it.
 */
import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import net from 'node:net';

const { listen } = net.Server.prototype;
net.Server.prototype.listen = function (port, ...rest) {
  return listen.call(this, port, '127.0.0.1', ...rest);
};

const { LOADED_MODULES } = process.env;
if (LOADED_MODULES) {
  registerHooks({
    load(url, context, next) {
      appendFileSync(LOADED_MODULES, `${url}\n`);
      return next(url, context);
    },
  });
}

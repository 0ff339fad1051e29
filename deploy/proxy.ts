/** Sends our own requests through the proxy that the environment names. gcloud and Terraform do so by themselves. */
import http from 'node:http';

/** The message says why the proxy cannot be used, and what to do. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
}

const HERE = ['localhost', '127.0.0.1'];

/** Both spellings are usual; lower case counts first, as in Node and curl. */
function settingOf(env: NodeJS.ProcessEnv, name: string): string | undefined {
  return env[name.toLowerCase()] || env[name] || undefined;
}

/**
 * Services on this machine are always reached directly. https://nodejs.org/docs/latest-v24.x/api/http.html#built-in-proxy-support
 * @returns a function that ends it
 * @throws {ProxyError}
 */
export function useProxy(env: NodeJS.ProcessEnv): () => void {
  const names = ['HTTP_PROXY', 'HTTPS_PROXY'].filter((name) => settingOf(env, name) !== undefined);
  const direct = settingOf(env, 'NO_PROXY');
  if (names.length === 0 || direct === '*') return () => undefined;
  // Node has it since 24.14.
  if (!http.setGlobalProxyFromEnv) {
    throw new ProxyError(
      `Node ${process.versions.node} sends no requests through the proxy of ${names.join(' and ')}. Use Node 24.14 or newer.`,
    );
  }
  const proxies: Record<string, string> = {};
  for (const name of names) {
    const value = settingOf(env, name) ?? '';
    // Its value may contain a password.
    if (!/^https?:$/.test(URL.parse(value)?.protocol ?? '')) {
      throw new ProxyError(
        `${name} is no address of a proxy such as http://proxy.example.com:3128.`,
      );
    }
    proxies[name] = value;
  }
  return http.setGlobalProxyFromEnv({
    ...proxies,
    NO_PROXY: [direct, ...HERE].filter(Boolean).join(','),
  });
}

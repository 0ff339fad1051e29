const { MEDIA_URL = 'http://localhost:8080', MEDIA_STREAM_URL = MEDIA_URL } = process.env;
const { MEDIA_KEY } = process.env;

/** Asks the service as a user. The key stays on this server. */
export function askService(path: string, user: string, init: RequestInit = {}): Promise<Response> {
  const url = (/\/stream\?|\/stream$/.test(path) ? MEDIA_STREAM_URL : MEDIA_URL) + path;
  const headers = new Headers(init.headers);
  headers.set('Authorization', `Bearer ${MEDIA_KEY}`);
  headers.set('X-On-Behalf-Of', user);
  return fetch(url, { ...init, headers, redirect: 'manual', cache: 'no-store' });
}

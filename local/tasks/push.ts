/** Pushes tasks to their targets over HTTP. */
import http, { type ClientRequest } from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import { status } from '@grpc/grpc-js';
import type { HttpMethod } from './model.ts';
import type { PushResult } from './outcome.ts';

export interface PushRequest {
  url: string;
  method: HttpMethod;
  headers: Record<string, string>;
  body: Uint8Array;
  deadlineMs: number;
}

export interface Pusher {
  /** Never rejects: whatever goes wrong is a result. */
  push(request: PushRequest): Promise<PushResult>;
  /** Breaks off what is under way. */
  close(): void;
}

/**
 * @param hosts Where a host of a task's URL is to be found, `host` → `host:port`, as a name server would say;
 *   read anew at each push, since a service that starts again may have another port.
 */
export function createPusher(hosts: ReadonlyMap<string, string> = new Map()): Pusher {
  // Connections are kept for the next task; how many there are at a time is the queue's to limit.
  const agents = {
    http: new http.Agent({ keepAlive: true }),
    https: new https.Agent({ keepAlive: true }),
  };
  const underWay = new Set<ClientRequest>();

  const push = (request: PushRequest): Promise<PushResult> =>
    new Promise((resolve) => {
      const url = new URL(request.url);
      const { host, hostname } = url;
      url.host = hosts.get(host) ?? host;
      const { method } = request;
      // The target is told, and shows its certificate for, the name that the task has.
      const headers = { ...request.headers, Host: host };
      const servername = isIP(hostname) ? '' : hostname;
      const outgoing =
        url.protocol === 'https:'
          ? https.request(url, { method, headers, servername, agent: agents.https })
          : http.request(url, { method, headers, agent: agents.http });
      underWay.add(outgoing);

      const settle = (result: PushResult | Promise<PushResult>): void => {
        clearTimeout(timer);
        underWay.delete(outgoing);
        resolve(result);
      };
      const timer = setTimeout(() => {
        const message = `DEADLINE_EXCEEDED(4): no response within ${request.deadlineMs} ms`;
        settle({ kind: 'no_response', status: { code: status.DEADLINE_EXCEEDED, message } });
        outgoing.destroy();
      }, request.deadlineMs);

      outgoing.on('response', (response) => {
        const httpStatus = response.statusCode ?? 0;
        const retryAfterMs = parseRetryAfter(response.headers['retry-after']);
        response.on('error', (error) => settle(unreachable(error)));
        response.on('end', () =>
          settle({
            kind: 'response',
            httpStatus,
            ...(retryAfterMs !== undefined && { retryAfterMs }),
          }),
        );
        response.resume();
      });
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        // The target closed an idle connection just as it was used again: its way to say "not on
        // this one" (RFC 9112 §9.3.1). Tasks may arrive twice, so it is safe to send it anew.
        const stale = outgoing.reusedSocket && error.code === 'ECONNRESET';
        settle(stale ? push(request) : unreachable(error));
      });
      outgoing.end(request.body);
    });

  return {
    push,
    close: () => {
      for (const outgoing of underWay) outgoing.destroy();
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

function unreachable(error: Error): PushResult {
  const message = `UNAVAILABLE(14): ${error.message}`;
  return { kind: 'no_response', status: { code: status.UNAVAILABLE, message } };
}

/** Milliseconds of a `Retry-After` (RFC 9110 §10.2.3): seconds, or a date. */
export function parseRetryAfter(
  value: string | undefined,
  nowMs: number = Date.now(),
): number | undefined {
  if (value === undefined) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/**
 * Pushes tasks to their targets over HTTP, one request an attempt.
 *
 * Each attempt opens a connection of its own. On one that was kept, a reset says two things that cannot be
 * told apart: the target closed it while it was idle (RFC 9112 §9.3.1), or the target died of this very
 * task. To send the task again would hide the second from the queue, which counts attempts and waits
 * between them. On a new connection each reset is an answer to this attempt.
 */
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
      // `false`: an agent for this one request, which keeps no connection.
      const outgoing =
        url.protocol === 'https:'
          ? https.request(url, { method, headers, servername, agent: false })
          : http.request(url, { method, headers, agent: false });
      underWay.add(outgoing);

      const settle = (result: PushResult): void => {
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
      outgoing.on('error', (error) => settle(unreachable(error)));
      outgoing.end(request.body);
    });

  return {
    push,
    close: () => {
      for (const outgoing of underWay) outgoing.destroy();
    },
  };
}

/** The result of an attempt that no answer came to. */
export function unreachable(error: Error): PushResult {
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

/**
 * Pushes tasks to their targets over HTTP, with one request for each attempt.
 *
 * Each attempt opens a new connection. On a reused connection, a reset has two possible causes that look
 * the same: the target closed the idle connection (RFC 9112 §9.3.1), or this very task crashed the
 * target. Sending the task again would hide the crash from the queue, which must count attempts and wait
 * between them. On a new connection, each reset belongs to this attempt.
 */
import http, { type ClientRequest } from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import { status } from '@grpc/grpc-js';
import type { PushResult } from './attempt.ts';
import type { HttpMethod } from './model.ts';

export interface PushRequest {
  url: string;
  method: HttpMethod;
  headers: Record<string, string>;
  body: Uint8Array;
  deadlineMs: number;
}

export interface Pusher {
  /** Never rejects: every failure is a result. */
  push(request: PushRequest): Promise<PushResult>;
  /** Aborts the running requests. */
  close(): void;
}

/**
 * @param hosts the address for a host in a task's URL: `host` → `host:port`, like a name server. Read again at each push, because
 * a restarted service may have another port.
 */
export function createPusher(hosts: ReadonlyMap<string, string> = new Map()): Pusher {
  const underWay = new Set<ClientRequest>();

  const push = (request: PushRequest): Promise<PushResult> =>
    new Promise((resolve) => {
      const url = new URL(request.url);
      const { host, hostname } = url;
      url.host = hosts.get(host) ?? host;
      const { method } = request;
      // The `Host` header and the TLS certificate use the name in the task's URL.
      const headers = { ...request.headers, Host: host };
      const servername = isIP(hostname) ? '' : hostname;
      // `false`: a new agent for this request, which does not keep its connection.
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

/** The result of an attempt without an answer. */
export function unreachable(error: Error): PushResult {
  const message = `UNAVAILABLE(14): ${error.message}`;
  return { kind: 'no_response', status: { code: status.UNAVAILABLE, message } };
}

/** Milliseconds of a `Retry-After` header (RFC 9110 §10.2.3), which holds seconds or a date. */
export function parseRetryAfter(
  value: string | undefined,
  nowMs: number = Date.now(),
): number | undefined {
  if (value === undefined) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

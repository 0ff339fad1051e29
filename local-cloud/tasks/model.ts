/**
 * The stored data of the local Cloud Tasks, in plain numbers: times in microseconds, durations in
 * milliseconds.
 */
import type { protos } from '@google-cloud/tasks';

/** The messages of the API; see `google/cloud/tasks/v2/*.proto`. */
export type WireQueue = protos.google.cloud.tasks.v2.IQueue;
export type WireTask = protos.google.cloud.tasks.v2.ITask;

export interface RateLimits {
  maxDispatchesPerSecond: number;
  maxBurstSize: number;
  maxConcurrentDispatches: number;
}

export interface RetryConfig {
  /** -1: unlimited. */
  maxAttempts: number;
  /** 0: unlimited. */
  maxRetryDurationMs: number;
  minBackoffMs: number;
  maxBackoffMs: number;
  maxDoublings: number;
}

export interface Queue {
  name: string;
  state: 'RUNNING' | 'PAUSED';
  rateLimits: RateLimits;
  retryConfig: RetryConfig;
  purgeUs?: number;
}

export type HttpMethod = 'POST' | 'GET' | 'HEAD' | 'PUT' | 'DELETE' | 'PATCH' | 'OPTIONS';

export type Authorization =
  | { kind: 'oidc'; email: string; audience: string }
  | { kind: 'oauth'; email: string; scope: string };

/** The part of a task that never changes. The body is stored separately. */
export interface TaskRequest {
  url: string;
  method: HttpMethod;
  headers: Record<string, string>;
  authorization?: Authorization;
  deadlineMs: number;
}

export interface RpcStatus {
  code: number;
  message: string;
}

export interface Attempt {
  scheduleUs: number;
  dispatchUs: number;
  /** When the attempt ended, with or without a response; unset while it runs. */
  responseUs?: number;
  status?: RpcStatus;
}

/** The history of a task's attempts. */
export interface TaskProgress {
  dispatchCount: number;
  responseCount: number;
  /** Responses other than 5xx. */
  executionCount: number;
  firstDispatchUs?: number;
  lastAttempt?: Attempt;
  lastHttpStatus?: number;
}

export interface NewTask {
  name: string;
  queue: string;
  createUs: number;
  scheduleUs: number;
  request: TaskRequest;
  body: Uint8Array;
}

export interface Task extends NewTask {
  /** Distinguishes a task from a later task of the same name. */
  id: number;
  progress: TaskProgress;
}

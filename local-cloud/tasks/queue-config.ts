/**
 * A queue's settings: their limits, and the defaults that the service sets.
 * https://cloud.google.com/tasks/docs/reference/rpc/google.cloud.tasks.v2#queue
 */
import { status } from '@grpc/grpc-js';
import { invalidArgument, RpcError } from '../base/rpc-error.ts';
import type { Queue, RateLimits, RetryConfig, WireQueue } from './model.ts';
import { queueName } from './names.ts';
import { fromDuration, toWireQueue } from './wire.ts';

/** Fields that an update mask may name. */
const GROUPS: Record<string, readonly string[]> = {
  rate_limits: ['max_dispatches_per_second', 'max_burst_size', 'max_concurrent_dispatches'],
  retry_config: [
    'max_attempts',
    'max_retry_duration',
    'min_backoff',
    'max_backoff',
    'max_doublings',
  ],
  stackdriver_logging_config: ['sampling_ratio'],
};
/** Fields that a mask may name without an effect. */
const OUTPUT_ONLY: readonly string[] = ['name', 'state', 'purge_time'];

/** The queue that CreateQueue creates from a message. @throws {RpcError} INVALID_ARGUMENT */
export function newQueue(wire: WireQueue): Queue {
  if (wire.appEngineRoutingOverride) {
    throw invalidArgument('App Engine routing is not available: use HTTP targets.');
  }
  const ratio = wire.stackdriverLoggingConfig?.samplingRatio ?? 0;
  if (within(ratio, 0, 1, 'stackdriver_logging_config.sampling_ratio') > 0) {
    throw new RpcError(
      status.UNIMPLEMENTED,
      'stackdriver_logging_config: the local Cloud Tasks writes no logs.',
    );
  }
  return {
    name: queueName(wire.name),
    state: 'RUNNING',
    rateLimits: rateLimits(wire),
    retryConfig: retryConfig(wire),
  };
}

/**
 * The queue after UpdateQueue. Without paths every setting is replaced, and missing settings get their defaults. State and purge
 * time stay.
 * @throws {RpcError} INVALID_ARGUMENT for a setting out of range or an unknown path
 */
export function updatedQueue(queue: Queue, wire: WireQueue, paths: readonly string[]): Queue {
  const merged = paths.length === 0 ? wire : applyMask(toWireQueue(queue), wire, paths);
  const { state, purgeUs } = queue;
  return { ...newQueue(merged), state, ...(purgeUs !== undefined && { purgeUs }) };
}

type Fields = Record<string, unknown>;

function applyMask(current: WireQueue, wanted: WireQueue, paths: readonly string[]): WireQueue {
  const merged: Record<string, Fields | undefined> = { ...(current as Record<string, Fields>) };
  for (const path of paths) {
    if (OUTPUT_ONLY.includes(path)) continue;
    const [group = '', field] = path.split('.');
    const known = Object.hasOwn(GROUPS, group) ? GROUPS[group] : undefined;
    if (!known || (field !== undefined && !known.includes(field))) {
      throw invalidArgument(`update_mask: a queue has no field "${path}" that can be updated.`);
    }
    const source = (wanted as Record<string, Fields | undefined>)[camelCase(group)];
    if (field === undefined) merged[camelCase(group)] = source;
    else {
      const name = camelCase(field);
      merged[camelCase(group)] = { ...merged[camelCase(group)], [name]: source?.[name] };
    }
  }
  return merged;
}

// In proto3 a zero and a missing value look the same, so both mean the default.
function rateLimits({ rateLimits: wire }: WireQueue): RateLimits {
  const rate = wire?.maxDispatchesPerSecond || 500;
  within(rate, 0, 500, 'rate_limits.max_dispatches_per_second');
  const concurrent = wire?.maxConcurrentDispatches || 1_000;
  within(concurrent, 1, 5_000, 'rate_limits.max_concurrent_dispatches');
  return {
    maxDispatchesPerSecond: rate,
    // Output only. The service does not document its choice. This formula gives 100 at 500 a second,
    // which the service shows for a queue with defaults, and 10 at 1 a second.
    maxBurstSize: Math.max(10, Math.ceil(rate / 5)),
    maxConcurrentDispatches: concurrent,
  };
}

// The reference says that backoffs are cut to whole seconds, but the service's own default is 0.1 s. Here
// they keep their milliseconds.
function retryConfig({ retryConfig: wire }: WireQueue): RetryConfig {
  const day = 86_400_000;
  const minBackoffMs = wire?.minBackoff ? fromDuration(wire.minBackoff) : 100;
  const maxBackoffMs = wire?.maxBackoff ? fromDuration(wire.maxBackoff) : 3_600_000;
  within(maxBackoffMs, 0, 365 * day, 'retry_config.max_backoff');
  within(minBackoffMs, 0, maxBackoffMs, 'retry_config.min_backoff');
  const maxRetryMs = wire?.maxRetryDuration ? fromDuration(wire.maxRetryDuration) : 0;
  return {
    maxAttempts: within(wire?.maxAttempts || 100, -1, 2 ** 31 - 1, 'retry_config.max_attempts'),
    maxRetryDurationMs: within(maxRetryMs, 0, 365 * day, 'retry_config.max_retry_duration'),
    minBackoffMs,
    maxBackoffMs,
    maxDoublings: within(wire?.maxDoublings || 16, 0, 2 ** 31 - 1, 'retry_config.max_doublings'),
  };
}

function within(value: number, least: number, most: number, field: string): number {
  if (value >= least && value <= most) return value;
  throw invalidArgument(`${field} must be between ${least} and ${most}, not ${value}.`);
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}

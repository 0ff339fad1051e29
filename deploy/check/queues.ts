/** Checks that the code, Terraform and the local cloud agree on the names and the numbers of the queues. */
import { FLEX_CALL_MS } from '../../functions/analysis/flex.ts';
import { CALLS_SHARE, LAST_WRITES_S } from '../../functions/core/work/work.ts';
import { AT_A_TIME } from '../../local/base/provision.ts';
import { DEPLOYED } from '../../local/front/deployed.ts';
import { UNIT_SETTINGS } from '../unit-settings.ts';
import { environmentOf } from './environment.ts';
import { nested, type Terraform } from './terraform.ts';

export function checkQueues(terraform: Terraform): string[] {
  return [
    ...checkNames(terraform),
    ...checkDispatches(terraform),
    ...checkShare(),
    ...checkTimes(),
  ];
}

function checkDispatches(terraform: Terraform): string[] {
  return (['upload', 'analyze', 'flex', 'webhook', 'slow_webhook'] as const).flatMap((phase) => {
    const queue = terraform.resource('google_cloud_tasks_queue', phase);
    const limits = nested(queue).find(({ type }) => type === 'rate_limits');
    const theirs = terraform.valueOf(limits?.attributes.max_concurrent_dispatches);
    const ours = String(AT_A_TIME[phase]);
    if (ours === theirs) return [];
    return [
      `The ${phase} queue delivers ${theirs} tasks at a time in terraform/ and ${ours} in local/base/provision.ts.`,
    ];
  });
}

/** The pairs of numbers that the validations in terraform/queues.tf compare, for the numbers of the code. */
function checkShare(): string[] {
  const [ours, theirs] = (['api', 'worker'] as const).map((unit) =>
    Number(UNIT_SETTINGS[unit].MAX_QUEUED_PER_OWNER?.safeParse(undefined).data),
  );
  const most = Math.min(AT_A_TIME.upload - 1, 2 * AT_A_TIME.analyze);
  const places = Object.values(AT_A_TIME).reduce((sum, number) => sum + number);
  const { concurrency, maxInstances } = DEPLOYED.worker;
  return [
    ...(ours === theirs ? [] : ['MAX_QUEUED_PER_OWNER of the api and of the worker differ.']),
    ...(Number(ours) <= most
      ? []
      : [`MAX_QUEUED_PER_OWNER is ${ours}: above ${most} one owner stands in the way of others.`]),
    ...(places <= concurrency * maxInstances
      ? []
      : [`The queues deliver ${places} tasks at a time: more than the worker has places.`]),
  ];
}

/** A call ends before its delivery, a delivery before Cloud Tasks gives it up, and Cloud Run ends none before. */
function checkTimes(): string[] {
  const secondsOf = (unit: 'api' | 'worker', name: string) =>
    Number(UNIT_SETTINGS[unit][name]?.safeParse(undefined).data);
  const differing = ['DELIVERY_TIMEOUT_S', 'FLEX_TIMEOUT_S'].filter(
    (name) => secondsOf('api', name) !== secondsOf('worker', name),
  );
  const budget = secondsOf('worker', 'DELIVERY_BUDGET_S');
  const usual = secondsOf('worker', 'DELIVERY_TIMEOUT_S');
  const flex = secondsOf('worker', 'FLEX_TIMEOUT_S');
  const [call, calls] = [FLEX_CALL_MS / 1_000, CALLS_SHARE * (flex - LAST_WRITES_S)];
  const unit = DEPLOYED.worker.timeoutMs / 1_000;
  return [
    ...differing.map((name) => `${name} of the api and of the worker differ.`),
    ...(budget + LAST_WRITES_S <= usual
      ? []
      : [`A delivery works for ${budget} s, and Cloud Tasks gives it up after ${usual} s.`]),
    ...(call <= calls
      ? []
      : [`A call in the tier flex may take ${call} s, and its delivery leaves it ${calls} s.`]),
    ...(flex <= unit
      ? []
      : [
          `Cloud Tasks waits ${flex} s for a delivery in the tier flex, and Cloud Run ends it after ${unit} s.`,
        ]),
  ];
}

const QUEUES = [
  ...['UPLOAD_QUEUE', 'ANALYZE_QUEUE', 'FLEX_QUEUE'],
  ...['WEBHOOK_QUEUE', 'SLOW_WEBHOOK_QUEUE'],
];

function checkNames(terraform: Terraform): string[] {
  return (['api', 'worker'] as const).flatMap((unit) =>
    QUEUES.flatMap((variable) => {
      const expression = environmentOf(terraform, unit)[variable];
      const queue = terraform.referred(expression);
      if (queue?.labels[0] !== 'google_cloud_tasks_queue') {
        return [
          `${unit}: ${variable} is ${expression ?? 'not set'}, which is not a queue of terraform/.`,
        ];
      }
      const ours = UNIT_SETTINGS[unit][variable]?.safeParse(undefined).data;
      const theirs = terraform.valueOf(queue.attributes.name);
      if (ours === theirs) return [];
      return [`${unit}: ${variable} is "${ours}" in the code and "${theirs}" in terraform/.`];
    }),
  );
}

/** Checks that the code, Terraform and the units' settings agree on the names of the queues. */
import { UNIT_SETTINGS } from '../../functions/process/config.ts';
import { environmentOf } from './environment.ts';
import type { Terraform } from './terraform.ts';

export function checkQueues(terraform: Terraform): string[] {
  return (['api', 'worker'] as const).flatMap((unit) =>
    ['UPLOAD_QUEUE', 'ANALYZE_QUEUE'].flatMap((variable) => {
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

import type { Service } from '../../local/front/service.ts';

/**
 * Sends a signal to the busiest process of a unit.
 * @throws {Error} if it has none. (`process.kill(0, …)` would send it to Jest and to all that it has started.)
 */
export function signal(unit: Pick<Service, 'pid'>, name: NodeJS.Signals): void {
  if (unit.pid === undefined) throw new Error(`The unit has no process that could get ${name}.`);
  process.kill(unit.pid, name);
}

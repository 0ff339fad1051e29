/**
 * Checks the routes of requests to the units. With a domain, the load balancer leads each route to the unit that has it, and no
 * route to the tasks. Without one, each unit is at the address that its name gives it.
 */
import { createApiRoutes } from '../../functions/api/handler.ts';
import { TASK_ROUTES } from '../../functions/core/media/task-queue.ts';
import type { Route } from '../../functions/http/router.ts';
import { createStreamService } from '../../functions/stream/handler.ts';
import { FEATURES } from '../../functions/worker/features.ts';
import { createWorkerRoutes } from '../../functions/worker/handler.ts';
import { UNITS, type Unit } from './environment.ts';
import { type Block, literal } from './hcl.ts';
import { nested, type Terraform } from './terraform.ts';

/** Stands for everything that a route would use. The routes are only listed and never called. */
const unused = (): never => {
  throw new Error('A route was called.');
};

/** The routes of each unit, without those of the page and `/health`, which need no token. */
export function routesOf(): Record<'api' | 'worker' | 'stream', Route[]> {
  return {
    api: createApiRoutes({
      authenticate: unused,
      authenticateService: unused,
      services: unused,
    }),
    worker: createWorkerRoutes(
      unused,
      unused,
      new AbortController().signal,
      FEATURES.flatMap(({ paths = [] }) => paths),
    ),
    stream: createStreamService({
      authenticate: unused,
      watches: {},
      readOnce: unused,
      streams: { acquire: unused } as never,
      admission: { admit: unused },
      logger: {} as never,
      maxStreamMs: 1,
      heartbeatMs: 60_000,
    }).routes,
  };
}

/** @param documented the text of docs/api.md, which lists the API */
export function checkRoutes(
  terraform: Terraform,
  documented: string,
  routes = routesOf(),
): string[] {
  const rules = readRules(terraform);
  const problems: string[] = [];
  for (const unit of ['api', 'stream'] as const) {
    for (const { method, path } of routes[unit]) {
      const found = unitAt(terraform, rules, path) ?? 'the page';
      if (found !== unit) {
        problems.push(`${unit}: the URL map sends ${method} ${path} to ${found}: see url_map.tf.`);
      }
      const name = path.replaceAll(/:(\w+)/g, '{$1}');
      if (!documented.includes(name)) {
        problems.push(`${unit}: docs/api.md does not document ${method} ${name}.`);
      }
    }
  }
  for (const { path } of routes.worker) {
    const found = unitAt(terraform, rules, path);
    if (found)
      problems.push(`worker: the URL map sends ${path} to ${found}: tasks must not be public.`);
  }
  return [...problems, ...checkNames(terraform), ...checkCallers(terraform, routes.worker)];
}

/** Checks the unit names in the units' own addresses, and in the metrics' filters. */
function checkNames(terraform: Terraform): string[] {
  return (Object.keys(UNITS) as Unit[])
    .filter((unit) => {
      const { name } = terraform.resource(UNITS[unit], unit).attributes;
      return name !== `local.service_names.${unit}`;
    })
    .map(
      (unit) =>
        `${unit}: its name is not local.service_names.${unit}, so its address in units.tf is another service's.`,
    );
}

/** Checks that Cloud Tasks, Cloud Scheduler and Pub/Sub call routes that the worker has. */
function checkCallers(terraform: Terraform, worker: Route[]): string[] {
  const has = (path: string) => worker.some((route) => route.path === path);
  const callers = ['google_cloud_scheduler_job', 'google_pubsub_subscription'];
  const jobs = callers
    .flatMap((type) => terraform.resources(type))
    .flatMap(nested)
    .flatMap(({ attributes: { uri, push_endpoint } }) => {
      return /\}(\/[^"]*)"$/.exec(uri ?? push_endpoint ?? '')?.[1] ?? [];
    });
  for (const path of ['/tasks/sweep', '/tasks/arrival']) {
    if (has(path) && !jobs.includes(path)) return [`worker: nothing in terraform/ calls ${path}.`];
  }
  return [...jobs, ...Object.values(TASK_ROUTES)]
    .filter((path) => !has(path))
    .map(
      (path) => `worker: terraform/ or the queue calls ${path}, and the worker has no such route.`,
    );
}

interface Rule {
  priority: number;
  service: string | undefined;
  matches(path: string): boolean;
}

function readRules(terraform: Terraform): Rule[] {
  const map = terraform.resource('google_compute_url_map', 'media');
  const rules = nested(map).filter(({ type }) => type === 'route_rules');
  return rules
    .map(({ attributes: { priority, service }, blocks }) => ({
      priority: Number(priority),
      service,
      matches: (path: string) => blocks.some((block) => matchesRule(block, path)),
    }))
    .sort((a, b) => a.priority - b.priority);
}

/** https://cloud.google.com/load-balancing/docs/url-map-concepts#wildcards-regx-dynamic-route */
function matchesRule({ type, attributes }: Block, path: string): boolean {
  if (type !== 'match_rules') return false;
  const full = literal(attributes.full_path_match);
  const prefix = literal(attributes.prefix_match);
  const template = literal(attributes.path_template_match);
  if (full !== undefined && path !== full) return false;
  if (prefix !== undefined && !path.startsWith(prefix)) return false;
  if (template !== undefined && !templatePattern(template).test(path)) return false;
  return [full, prefix, template].some((each) => each !== undefined);
}

function templatePattern(template: string): RegExp {
  const segments = template.split('/').map((segment) => {
    if (segment.includes('**')) return '.*';
    return /^(\*|\{\w+(=\*)?\})$/.test(segment) ? '[^/]+' : RegExp.escape(segment);
  });
  return new RegExp(`^${segments.join('/')}$`);
}

/** The unit behind the first rule that matches a path; undefined if the rule leads to no unit. */
function unitAt(terraform: Terraform, rules: Rule[], path: string): string | undefined {
  const sample = path.replaceAll(/:\w+/g, 'abc123');
  const service = terraform.referred(rules.find((rule) => rule.matches(sample))?.service);
  if (service?.labels[0] !== 'google_compute_backend_service') return undefined;
  const group = nested(service).find(({ type }) => type === 'backend')?.attributes.group;
  const endpoints = terraform.referred(group);
  const target = endpoints && nested(endpoints).find(({ type }) => type === 'cloud_run');
  return terraform.referred(target?.attributes.service)?.labels[1];
}

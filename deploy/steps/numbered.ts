/**
 * Alerts and similar resources: Google gives each a number, and never refuses a second one of the same name. Those of a killed
 * run are looked up before the next run makes them: otherwise each mail would come twice.
 */
import { z } from 'zod';
import { CommandError } from './commands.ts';
import { accessToken, apiUrl, type Deployment, tell } from './deployment.ts';
import { last } from './restore-source.ts';
import type { Change, Stack } from './stack.ts';

interface Kind {
  api: string;
  version: string;
  /** The path of the list, with `PROJECT` or `BILLING_ACCOUNT`. */
  collection: string;
  what: string;
  /** The words of the gcloud command that deletes one. */
  remove: string;
}

export const NUMBERED: Record<string, Kind> = {
  google_billing_budget: {
    api: 'billingbudgets',
    version: 'v1',
    collection: 'billingAccounts/BILLING_ACCOUNT/budgets',
    what: 'The budget',
    remove: 'billing budgets delete',
  },
  google_monitoring_alert_policy: {
    api: 'monitoring',
    version: 'v3',
    collection: 'projects/PROJECT/alertPolicies',
    what: 'The alert',
    remove: 'alpha monitoring policies delete',
  },
  google_monitoring_dashboard: {
    api: 'monitoring',
    version: 'v1',
    collection: 'projects/PROJECT/dashboards',
    what: 'The dashboard',
    remove: 'monitoring dashboards delete',
  },
  google_monitoring_notification_channel: {
    api: 'monitoring',
    version: 'v3',
    collection: 'projects/PROJECT/notificationChannels',
    what: 'The receiver of alerts',
    remove: 'beta monitoring channels delete',
  },
  google_monitoring_uptime_check_config: {
    api: 'monitoring',
    version: 'v3',
    collection: 'projects/PROJECT/uptimeCheckConfigs',
    what: 'The check from outside',
    remove: 'monitoring uptime delete',
  },
};

const pageSchema = z.looseObject({ nextPageToken: z.string().optional() });
const itemSchema = z.object({
  name: z.string(),
  displayName: z.string().default(''),
  userLabels: z.record(z.string(), z.string()).default({}),
});
export type Numbered = z.infer<typeof itemSchema>;

/** @throws {CommandError} */
export async function listNumbered(
  deployment: Deployment,
  { api, version, collection: template }: Kind,
  billingAccount: string,
): Promise<Numbered[]> {
  const { project } = deployment.options;
  const collection = template
    .replace('PROJECT', project)
    .replace('BILLING_ACCOUNT', billingAccount);
  const found: Numbered[] = [];
  let pageToken = '';
  do {
    const query = pageToken && `?${new URLSearchParams({ pageToken })}`;
    const page = pageSchema.parse(
      await deployment.commands.request({
        url: `${apiUrl(deployment, api)}/${version}/${collection}${query}`,
        accessToken: await accessToken(deployment),
        quotaProject: project,
        assume: {},
      }),
    );
    const items = z.array(itemSchema).parse(page[last(collection)] ?? []);
    // Google may name the project by its number, which Terraform takes for another project.
    found.push(...items.map((each) => ({ ...each, name: `${collection}/${last(each.name)}` })));
    pageToken = page.nextPageToken ?? '';
  } while (pageToken !== '');
  return found;
}

const plannedSchema = z.object({
  display_name: z.string().nullish(),
  dashboard_json: z.string().nullish(),
  billing_account: z.string().nullish(),
  user_labels: z.record(z.string(), z.string()).nullish(),
});
type Planned = z.infer<typeof plannedSchema>;
const dashboardSchema = z.object({ displayName: z.string() });

/**
 * Takes over resources with the name and the labels of a planned one.
 * @returns how many
 */
export async function takeOverNumbered(
  deployment: Deployment,
  stack: Stack,
  changes: Change[],
): Promise<number> {
  const lists = new Map<Kind, Numbered[]>();
  let count = 0;
  for (const { address, type, actions, after } of changes) {
    const kind = NUMBERED[type];
    if (!kind || actions.join() !== 'create') continue;
    const planned = plannedSchema.parse(after);
    const all = lists.get(kind) ?? (await listIfAllowed(deployment, kind, planned));
    lists.set(kind, all);
    const found = all.find((each) => isThatOf(planned, each));
    if (!found) continue;
    tell(deployment, `${address} is there already, from a run that was stopped: taking it over.`);
    await stack.import(address, found.name);
    count++;
  }
  return count;
}

/** If the API is not enabled, there are none. If the user may not list them, all are made anew. */
function listIfAllowed(deployment: Deployment, kind: Kind, planned: Planned): Promise<Numbered[]> {
  return listNumbered(deployment, kind, planned.billing_account ?? '').catch((error: unknown) => {
    if (error instanceof CommandError && [403, 404].includes(error.code ?? 0)) return [];
    throw error;
  });
}

function isThatOf(planned: Planned, { displayName, userLabels }: Numbered): boolean {
  const { dashboard_json: dashboard, user_labels: labels } = planned;
  const name = dashboard
    ? dashboardSchema.parse(JSON.parse(dashboard)).displayName
    : planned.display_name;
  const isLabelled = ([key, value]: [string, string]) => userLabels[key] === value;
  return displayName === name && Object.entries(labels ?? {}).every(isLabelled);
}

/**
 * Google's list prices in US dollars (November 2026), of Firestore in the multi-region `nam5`, of the others in
 * `us-central1`. Free tiers are not subtracted, except where the price list says so for each project. Prices change and differ
 * by region: check the page that each line names.
 */

export interface Line {
  what: string;
  amount: number;
  unit: string;
  usd: number;
  source: string;
}

/** @param free How much of it costs nothing, where the price list says so for each project. */
export function line(
  what: string,
  amount: number,
  unit: string,
  price: number,
  page: string,
  free = 0,
): Line {
  const usd = Math.max(0, amount - free) * price;
  return { what, amount, unit, usd, source: `cloud.google.com/${page}` };
}

/** Tokens of one photo's analysis. Input: preview, prompt and schema. Output: the answer and the thinking before it. */
export const PHOTO_TOKENS = { input: 2_000, output: 800 };

/** Cloud Run counts at least 100 ms for a request. */
const LEAST_S = 0.1;
const MINUTES = 60 * 24 * 30;
const HOURS = MINUTES / 60;
/** Places from which Google asks for the page and for the API, once a minute each (`terraform/uptime.tf`). */
const UPTIME_REQUESTS = 2 * 6 * MINUTES;
const SWEEPS = MINUTES / 5;
/** `conditions` in `terraform/`, each policy of a `for_each` counted. */
const ALERT_CONDITIONS = 30;
/** The stream's and the functions' images that `terraform/registry.tf` keeps. */
const IMAGES_GB = 4;

/**
 * What a month costs without a photo.
 * @param hasAlerts Whether somebody gets the alerts (`alert_emails`): otherwise there are none, and no checks from outside.
 * @example monthAtRest('small', false).reduce((sum, { usd }) => sum + usd, 0) // 0.52…
 */
export function monthAtRest(shape: 'small' | 'domain', hasAlerts: boolean): Line[] {
  const asked = hasAlerts ? UPTIME_REQUESTS : 0;
  const cpuS = (asked + SWEEPS) * LEAST_S;
  const lines = [
    line('CPU for uptime checks and sweeps', cpuS, 'vCPU s', 0.000024, 'run/pricing'),
    line('images', IMAGES_GB, 'GB', 0.1, 'artifact-registry/pricing'),
    line('scheduler jobs', 1, '', 0.1, 'scheduler/pricing'),
  ];
  if (hasAlerts) {
    lines.push(
      line('alert conditions', ALERT_CONDITIONS, '', 0.1, 'products/observability/pricing'),
      line('requests of uptime checks', asked, '', 0.4 / 1e6, 'run/pricing'),
      line('uptime checks', asked, '', 0.3 / 1_000, 'products/observability/pricing', 1e6),
    );
  }
  if (shape === 'domain') {
    lines.push(
      line('forwarding rules (up to five)', HOURS, 'hours', 0.025, 'vpc/network-pricing'),
      line('Cloud Armor policy', 1, '', 5, 'armor/pricing'),
      line('Cloud Armor rules', 2, '', 1, 'armor/pricing'),
    );
  }
  return lines;
}

/**
 * @param setting `openai_price` or `OPENAI_PRICE`: US dollars for a million tokens of the prompt, a comma, and of the answer.
 * @example readPrice('0.15,0.60') // { input: 0.15, output: 0.6 }
 */
export function readPrice(setting: unknown): { input: number; output: number } | undefined {
  const [input = Number.NaN, output = Number.NaN] = String(setting ?? '')
    .split(',')
    .map(Number.parseFloat);
  return Number.isNaN(input + output) ? undefined : { input, output };
}

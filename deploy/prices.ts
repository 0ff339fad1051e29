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

interface Price {
  unit?: string;
  /** US dollars for one. */
  price: number;
  /** Its path on cloud.google.com. */
  page: string;
  /** The part that costs nothing, where the price list has one for each project. */
  free?: number;
}

export function line(
  what: string,
  amount: number,
  { unit = '', price, page, free = 0 }: Price,
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
/** Google checks the page and the API from this many places, once a minute each (`terraform/uptime.tf`). */
const UPTIME_REQUESTS = 2 * 6 * MINUTES;
const SWEEPS = MINUTES / 5;
/** `conditions` in `terraform/`, each policy of a `for_each` counted. */
const ALERT_CONDITIONS = 33;
/** The stream's and the functions' images that `terraform/registry.tf` keeps. */
const IMAGES_GB = 4;

/**
 * The cost of a month without a photo.
 * @param hasAlerts true if somebody gets the alerts (`alert_emails`): otherwise there are none, and no checks from outside
 * @example monthAtRest('small', false).reduce((sum, { usd }) => sum + usd, 0) // 0.52…
 */
export function monthAtRest(shape: 'small' | 'domain', hasAlerts: boolean): Line[] {
  const asked = hasAlerts ? UPTIME_REQUESTS : 0;
  const cpuS = (asked + SWEEPS) * LEAST_S;
  const lines = [
    line('CPU for uptime checks and sweeps', cpuS, {
      unit: 'vCPU s',
      price: 0.000024,
      page: 'run/pricing',
    }),
    line('images', IMAGES_GB, { unit: 'GB', price: 0.1, page: 'artifact-registry/pricing' }),
    line('scheduler jobs', 1, { price: 0.1, page: 'scheduler/pricing' }),
  ];
  if (hasAlerts) {
    lines.push(
      line('alert conditions', ALERT_CONDITIONS, {
        price: 0.1,
        page: 'products/observability/pricing',
      }),
      line('requests of uptime checks', asked, { price: 0.4 / 1e6, page: 'run/pricing' }),
      line('uptime checks', asked, {
        price: 0.3 / 1_000,
        page: 'products/observability/pricing',
        free: 1e6,
      }),
    );
  }
  if (shape === 'domain') {
    lines.push(
      line('forwarding rules (up to five)', HOURS, {
        unit: 'hours',
        price: 0.025,
        page: 'vpc/network-pricing',
      }),
      line('Cloud Armor policy', 1, { price: 5, page: 'armor/pricing' }),
      line('Cloud Armor rules', 2, { price: 1, page: 'armor/pricing' }),
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

/** What tokens cost, so that every result carries its price. */

interface Price {
  /** US dollars per million tokens. */
  input: number;
  /** Thinking tokens included: they are billed as output. */
  output: number;
  /** What it costs from a day on that was announced. */
  later?: { from: string; input: number; output: number };
}

/**
 * Standard paid tier, prompts of up to 200,000 tokens, as published in October 2026 at
 * https://ai.google.dev/gemini-api/docs/pricing. A model that is not listed costs `null`, not zero.
 */
const PRICES: Record<string, Price> = {
  'gemini-3.8-flash': {
    input: 0.75,
    output: 3.75,
    later: { from: '2027-01-01', input: 1.5, output: 7.5 },
  },
  'gemini-3.5-flash': { input: 1.5, output: 9 },
  'gemini-3.5-flash-lite': { input: 0.3, output: 2.5 },
  'gemini-3.1-pro-preview': { input: 2, output: 12 },
  'gemini-3.1-flash-lite': { input: 0.25, output: 1.5 },
  'gemini-3-flash-preview': { input: 0.5, output: 3 },
  'gemini-2.5-pro': { input: 1.25, output: 10 },
  'gemini-2.5-flash': { input: 0.3, output: 2.5 },
  'gemini-2.5-flash-lite': { input: 0.1, output: 0.4 },
};

/** @param model With its provider: `googleai/gemini-2.5-flash`. */
export function costInUsd(
  model: string,
  { input, output }: { input: number; output: number },
  nowMs = Date.now(),
): number | null {
  if (model.startsWith('local/')) return 0;
  const listed = PRICES[model.slice(model.indexOf('/') + 1)];
  if (!listed) return null;
  const { later } = listed;
  const price = later && nowMs >= Date.parse(later.from) ? later : listed;
  const cost = (input * price.input + output * price.output) / 1e6;
  return Number(cost.toFixed(8));
}

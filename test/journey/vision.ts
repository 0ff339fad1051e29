/** The whole product with the networks of this machine. */
import type { Analytics } from '@media-analysis/shared/analytics';
import { unitCommand } from '../../local/base/units.ts';
import { client, file, form, type Stack, startStack } from '../support/stack.ts';

/** The worker runs from the sources: this model is not deployed. */
export function startWithVision(): Promise<Stack> {
  return startStack({
    environment: { ANALYSIS_MODEL: 'local/vision' },
    service: (unit, options) => {
      if (unit !== 'worker') return options;
      const command = unitCommand(unit, undefined);
      return { ...options, program: { ...options.program, command } };
    },
  });
}

export async function analyse(
  stack: Stack,
  names: string[],
  language: string,
): Promise<(Analytics | null)[]> {
  const user = client(stack);
  const body = form(await Promise.all(names.map(file)), { language });
  const response = await user.call('/api/agent/analyze-media', { method: 'POST', body });
  const { media_ids } = (await response.json()) as { media_ids: string[] };
  return (await user.results(media_ids)).map((media) => media?.analytics ?? null);
}

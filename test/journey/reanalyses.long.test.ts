/** A thousand stored photos are done again, and the worker is killed three times on the way. */
import { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeAll } from '@jest/globals';
import { EXAMPLE_GEMINI } from '../../functions/analysis/catalog/model-name.ts';
import { STRICT } from '../../local/front/modes.ts';
import { FaultPlan } from '../../local-cloud/faults/plan.ts';
import { type RunningGemini, startGemini } from '../support/gemini-server.ts';
import { needing } from '../support/needing.ts';
import { client, type Stack, startStack, tokenOf } from '../support/stack.ts';
import { expectAllDoneAgain, variedReplies } from './reanalyses.ts';
// With what `npm test` leaves out of it.
import './reanalyses.test.ts';

const it = needing('signals');

const IN_FLIGHT = 4;

const faults = new FaultPlan();
let gemini: RunningGemini;
let stack: Stack;
let firestore: Firestore;

beforeAll(async () => {
  gemini = await startGemini({ respond: variedReplies(11) });
  stack = await startStack({
    mode: STRICT,
    faults,
    sweepIntervalMs: 5_000,
    environment: {
      ANALYSIS_MODEL: `googleai/${EXAMPLE_GEMINI}`,
      GEMINI_API_KEY: 'test',
      GEMINI_BASE_URL: gemini.url,
      LEASE_S: '6',
      SWEEP_QUIET_S: '6',
      REANALYSIS_IN_FLIGHT: String(IN_FLIGHT),
    },
  });
  const { FIRESTORE_EMULATOR_HOST: host = '', GOOGLE_CLOUD_PROJECT: projectId = '' } =
    stack.environment;
  firestore = new Firestore({ projectId, host, ssl: false });
});
afterAll(async () => {
  await firestore.terminate();
  await stack.close();
  await gemini.close();
});

it(
  'a thousand stored photos are done again, and the quote was right',
  async () => {
    const user = client(stack, await tokenOf(stack, 'alice'));
    await expectAllDoneAgain(
      { stack, firestore, gemini, faults, user, inFlight: IN_FLIGHT },
      { photos: 1_000, kills: 3 },
    );
  },
  30 * 60_000,
);

/** What `google.test.ts` and `google.long.test.ts` share: the bundles as three units that meet Google. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UnitName } from '../../local/base/units.ts';
import { buildBundles } from '../support/bundles.ts';
import { type Deployed, startDeployed } from '../support/google/deployed.ts';
import { startGoogle } from '../support/google/google.ts';
import { accountOf, PROJECT } from '../support/google/project.ts';
import { client, file, mediaOf } from '../support/stack.ts';

export type DeployedUnits = Awaited<ReturnType<typeof startUnits>>;
export type User = Awaited<ReturnType<DeployedUnits['signIn']>>;

export async function startUnits() {
  const bundles = await mkdtemp(join(tmpdir(), 'media-analysis-deployed-'));
  const [google] = await Promise.all([startGoogle(), buildBundles(bundles)]);
  /** @param settings More of them. */
  const start = (name: UnitName, settings?: Record<string, string>) =>
    startDeployed(name, google, bundles, settings);
  const [api, worker, stream] = await Promise.all([start('api'), start('worker'), start('stream')]);
  google.workerPort = worker.port;
  return {
    google,
    api,
    worker,
    stream,
    start,
    /** @param through The api that the user comes to. */
    async signIn(sub: string, through: Deployed = api) {
      const token = await google.users.sign({ sub, audience: PROJECT });
      const states = client(stream, token);
      return {
        ...client(through, token),
        /** All states of a media, as a stream shows them, until it is over. */
        watch: async (id: string) => mediaOf(await states.watch([id])),
      };
    },
    /** What a unit has called with its own token, in order and each once. */
    calledBy(name: UnitName): string[] {
      const calls = google.seen
        .filter(({ account }) => account === accountOf(name))
        .map(({ host, call }) => `${host} ${call.replace(/^\/\S*\//, '').replace(/ .*/, '')}`);
      return [...new Set(calls)];
    },
    async close(): Promise<void> {
      await Promise.all([api, worker, stream].map((unit) => unit.stop()));
      await google.close();
      await rm(bundles, { recursive: true, force: true });
    },
  };
}

export async function send(user: User, photo: string): Promise<string> {
  const { media_ids } = await user.analyze([await file(photo)]);
  return media_ids[0] ?? '';
}

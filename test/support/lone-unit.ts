/** One deployed unit by itself, without a cloud behind it: for what must be decided before one is needed. */
import type { KeyObject } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type UnitName, unitCommand } from '../../local/base/units.ts';
import { Instance } from '../../local/front/instance.ts';
import { createIdentity, type Identity } from '../../local-cloud/identity/identity.ts';
import { createKeyring } from '../../local-cloud/identity/keyring.ts';
import { startIdentity } from '../../local-cloud/identity/server.ts';
import { currentBuild } from './build.ts';

export const PROJECT = 'lone-project';
export const WORKER_URL = 'https://worker.example.run.app';
export const TASKS_ACCOUNT = `tasks@${PROJECT}.iam.gserviceaccount.com`;

export interface LoneUnit {
  url: string;
  /** Whose tokens the unit trusts. */
  identity: Identity;
  /** The key that it signs with: for what an issuer gone mad could sign. */
  signingKey: KeyObject;
  /** SIGTERM. Resolves when the process has ended, to the exit code or the signal that ended it. */
  stop(): Promise<string>;
  close(): Promise<void>;
}

export async function startLoneUnit(
  name: UnitName,
  environment: Record<string, string> = {},
): Promise<LoneUnit> {
  const dataDir = await mkdtemp(join(tmpdir(), 'media-analysis-issuer-'));
  const identity = await createIdentity({ dataDir });
  const { signingKey } = await createKeyring(dataDir);
  const issuer = await startIdentity({ identity, userAudience: PROJECT });
  const unit = new Instance({
    command: unitCommand(name, await currentBuild()),
    environment: {
      LOG_LEVEL: 'silent',
      GOOGLE_CLOUD_PROJECT: PROJECT,
      STAGING_BUCKET: 'staging',
      MEDIA_BUCKET: 'media',
      TASKS_LOCATION: 'nowhere',
      WORKER_URL,
      TASKS_SERVICE_ACCOUNT: TASKS_ACCOUNT,
      TASKS_ISSUER: identity.issuer,
      TASKS_JWKS_URL: issuer.jwksUri,
      AUTH_ISSUER: identity.issuer,
      AUTH_JWKS_URL: issuer.jwksUri,
      ...environment,
    },
  });
  const port = await unit.listening();
  return {
    url: `http://127.0.0.1:${port}`,
    identity,
    signingKey,
    stop: async () => {
      await unit.stop();
      return unit.ended();
    },
    close: async () => {
      await unit.stop();
      await issuer.close();
      await rm(dataDir, { recursive: true });
    },
  };
}

/** A unit as it is deployed: its bundle, the settings that Terraform gives it, and what the platform sets. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environmentOf } from '../../../deploy/check/environment.ts';
import { Terraform } from '../../../deploy/check/terraform.ts';
import { NODE_OPTIONS, type UnitName, unitCommand } from '../../../local/base/units.ts';
import type { Google } from './google.ts';
import { accountOf, BUCKETS, PROJECT, QUEUES, REGION, WORKER_URL } from './project.ts';

export interface Deployed {
  url: string;
  port: number;
  /** `host:port` of all that it has connected to. */
  targets: Set<string>;
  /** What it has printed, by line: of its log JSON. */
  lines: string[];
  stop(): Promise<void>;
}

/** @param bundles The folder of a build. @param settings In place of Terraform's. */
export async function startDeployed(
  name: UnitName,
  google: Google,
  bundles: string,
  settings: Record<string, string> = {},
): Promise<Deployed> {
  const preloaded = ['../../../local/base/unit.ts', './names.ts'].flatMap((path) => [
    '--import',
    new URL(path, import.meta.url).href,
  ]);
  const child = spawn(process.execPath, [...preloaded, ...unitCommand(name, bundles)], {
    env: {
      PATH: dirname(process.execPath),
      HOME: '/home/nobody',
      // Without it Windows opens no socket.
      ...(process.env.SystemRoot && { SystemRoot: process.env.SystemRoot }),
      ...settingsOf(name, settings),
      ...platformOf(name),
      NODE_EXTRA_CA_CERTS: google.certificateFile,
      TEST_ROUTES: JSON.stringify(google.routesOf(name)),
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const [targets, lines] = [new Set<string>(), linesOf(child)];
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', () => reject(new Error(`${name} ended:\n${lines.join('\n')}`)));
    child.on('message', ({ listening, target }: { listening?: number; target?: string }) => {
      if (target !== undefined) targets.add(target);
      if (listening !== undefined) resolve(listening);
    });
  });
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    targets,
    lines,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}

const terraform = new Terraform(fileURLToPath(new URL('../../../terraform', import.meta.url)));

/** What Terraform writes out, and what it would know of the project. */
function settingsOf(name: UnitName, settings: Record<string, string>): Record<string, string> {
  const [uploadQueue = '', analyzeQueue = '', flexQueue = ''] = QUEUES;
  const [webhookQueue = '', slowWebhookQueue = ''] = QUEUES.slice(3);
  const known: Record<string, string> = {
    GOOGLE_CLOUD_PROJECT: PROJECT,
    FIRESTORE_DATABASE: '(default)',
    AUTH_ISSUER: `https://securetoken.google.com/${PROJECT}`,
    AUTH_AUDIENCE: PROJECT,
    TASKS_LOCATION: REGION,
    UPLOAD_QUEUE: uploadQueue,
    ANALYZE_QUEUE: analyzeQueue,
    FLEX_QUEUE: flexQueue,
    WEBHOOK_QUEUE: webhookQueue,
    SLOW_WEBHOOK_QUEUE: slowWebhookQueue,
    WORKER_URL,
    TASKS_SERVICE_ACCOUNT: accountOf('tasks'),
    STAGING_BUCKET: BUCKETS.staging,
    MEDIA_BUCKET: BUCKETS.media,
    ANALYSIS_MODEL: 'local/facts',
    NODE_OPTIONS: NODE_OPTIONS.join(' '),
    ...settings,
  };
  const set = { ...environmentOf(terraform, name), NODE_OPTIONS: 'known' };
  const entries = Object.entries(set).map(([setting, expression]) => {
    return [setting, known[setting] ?? terraform.valueOf(expression) ?? ''] as const;
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== ''));
}

/** https://cloud.google.com/run/docs/container-contract#env-vars */
function platformOf(name: UnitName): Record<string, string> {
  const service = `media-${name}`;
  const K = { K_SERVICE: service, K_REVISION: `${service}-00001-abc`, K_CONFIGURATION: service };
  const isFunction = name !== 'stream';
  return {
    PORT: '0',
    ...K,
    ...(isFunction && { FUNCTION_TARGET: name, FUNCTION_SIGNATURE_TYPE: 'http' }),
  };
}

function linesOf(child: ChildProcess): string[] {
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop() ?? '';
      lines.push(...parts);
    });
  }
  return lines;
}

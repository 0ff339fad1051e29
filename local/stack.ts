/** The whole product on this machine: the local cloud, the three units, and one address for all of them. */
import type { Server } from 'node:http';
import { join } from 'node:path';
import { loadApiConfig } from '@media-analysis/functions/api/config';
import { loadStreamConfig } from '@media-analysis/functions/stream/config';
import { loadWorkerConfig } from '@media-analysis/functions/worker/config';
import type { FaultPlan, SignInOptions } from '@media-analysis/local-cloud';
import type { PageConfig } from '@media-analysis/shared/page-config';
import type { Addresses } from './address.ts';
import { allowPages } from './base/provision.ts';
import { type UnitName, unitCommand } from './base/units.ts';
import { startCloud } from './cloud.ts';
import { PROVISIONS } from './features.ts';
import { createFront, type Front, listen } from './front/front.ts';
import { createInvokerCheck } from './front/invoker.ts';
import { type Mode, RELAXED } from './front/modes.ts';
import { Service, type ServiceOptions } from './front/service.ts';
import { startGateway } from './gateway.ts';
import { createEmulatorUsers, emulatorSignIn } from './google/users.ts';
import { createLocalRouter } from './local-routes.ts';
import { PAGE_DIR, type Page, type PageOptions } from './page.ts';
import { startRunApp } from './run-app.ts';
import { type CallWorker, createWorkerCaller, startScheduler } from './scheduler.ts';

/**
 * The product's addresses, as in the cloud. `domain`: one address, behind a load balancer. `small`: the `run.app` addresses of
 * stream, which serves the page, and api.
 */
export type Shape = 'domain' | 'small';

export interface StackOptions {
  /** Port of the page; 0, the default: any free port. */
  port?: number;
  /** By default `domain`. */
  shape?: Shape | undefined;
  /** Folder of all data. Without it, nothing outlives `close`. */
  dataDir?: string | undefined;
  project?: string | undefined;
  /** Further settings of the units, by their names in `docs/settings.md`. */
  environment?: Record<string, string>;
  /** Milliseconds between two sweeps; by default five minutes. */
  sweepIntervalMs?: number | undefined;
  /** Names of the settings that a unit gets; by default all. */
  settingsOf?: ((unit: UnitName) => readonly string[]) | undefined;
  /** Folder of the built bundles, to run them instead of the sources. */
  bundles?: string | undefined;
  /** How strict the fronts of the units are; by default `RELAXED`. */
  mode?: Mode | undefined;
  /** Faults to inject into the services. Raise the plan's rate only after everything has started. */
  faults?: FaultPlan | undefined;
  /** `host:port` of Google's Auth emulator. Its users may sign in; its project must be ours. */
  authEmulator?: string | undefined;
  /** How users sign in, as in a deployment. By default everybody on this machine is the user `local`. */
  signIn?: Omit<SignInOptions, 'pageUrl'> | undefined;
  /** Changes how a unit is run. */
  service?: ((unit: UnitName, options: ServiceOptions) => ServiceOptions) | undefined;
  /** Origins of pages on other ports of this machine, such as a dev server's, which count as the own page. */
  devOrigins?: readonly string[] | undefined;
  /** Called once for each other origin of this machine whose page asks for the API: it is refused. */
  onOtherPage?: ((origin: string) => void) | undefined;
  /** Makes the page of the gateway; by default the built page. */
  createPage?: ((gateway: Server, options: PageOptions) => Page) | undefined;
  /** Called with a line when a unit ended by itself. By default the line goes to stderr. */
  report?: ((line: string) => void) | undefined;
}

export interface Stack {
  /** The page and the event stream: `http://localhost:PORT` */
  url: string;
  /** The API: the same, or in the shape `small` an address on another site. */
  apiUrl: string;
  /** The variables that point Google's clients to the services. */
  environment: Record<string, string>;
  units: Record<UnitName, Service>;
  /** Address of the worker for its callers, without the load balancer: `http://127.0.0.1:PORT` */
  workerUrl: string;
  callWorker: CallWorker;
  close(): Promise<void>;
}

const LOAD_CONFIG = { api: loadApiConfig, worker: loadWorkerConfig, stream: loadStreamConfig };
const UNITS = ['api', 'worker', 'stream'] as const;

/** @throws {ConfigError} if a unit cannot use its settings */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const { shape = 'domain', port } = options;
  const addresses = await (shape === 'small' ? startRunApp(port) : startGateway(port));
  try {
    return await startBehind(addresses, options);
  } catch (error) {
    addresses.close();
    throw error;
  }
}

async function startBehind(addresses: Addresses, options: StackOptions): Promise<Stack> {
  const { url, apiUrl } = addresses;
  const { authEmulator, bundles, mode = RELAXED, service = (_, usual) => usual } = options;
  const { signIn } = options;
  const settings = { ...process.env, ...options.environment };
  const cloud = await startCloud({
    ...options,
    provided: PROVISIONS.map((provision) => provision(settings)),
    signIn: signIn && { ...signIn, pageUrl: url },
  });
  const sign_in = authEmulator ? emulatorSignIn(authEmulator) : cloud.signIn;
  const config: PageConfig = {
    ...(apiUrl !== url && { api_url: apiUrl }),
    ...(sign_in && { sign_in }),
  };
  const environment: Record<string, string> = {
    ...cloud.environment,
    // The worker's front checks the callers' tokens and removes their signatures, as IAM does.
    TASKS_AUTH: 'platform',
    PAGE_DIR: bundles ? join(bundles, 'stream', 'page') : PAGE_DIR,
    ...options.environment,
    ...addresses.settings,
    ...allowDevPages(options),
    PAGE_CONFIG: JSON.stringify(config),
  };
  const { settingsOf = () => Object.keys(environment) } = options;
  const givenTo = (name: UnitName) => {
    const names = settingsOf(name);
    const given = Object.entries(environment).filter(([setting]) => names.includes(setting));
    return Object.fromEntries(given);
  };
  let quietMs: number;
  try {
    // Checked here once, because a unit with unusable settings would be restarted and fail again and again.
    const environmentOf = (name: UnitName) => ({ ...process.env, ...givenTo(name) });
    for (const name of UNITS) LOAD_CONFIG[name](environmentOf(name));
    const worker = loadWorkerConfig(environmentOf('worker'));
    quietMs = worker.SWEEP_QUIET_S * 1_000;
  } catch (error) {
    await cloud.close();
    throw error;
  }
  const start = (name: UnitName) => {
    const program = { command: unitCommand(name, bundles), environment: givenTo(name) };
    const { conduct, services } = mode;
    const { report } = options;
    return new Service(service(name, { name, program, settings: services[name], conduct, report }));
  };
  const units = { api: start('api'), worker: start('worker'), stream: start('stream') };
  const fronts: Record<UnitName, Front> = {
    api: createFront(units.api),
    worker: createFront(units.worker, createInvokerCheck(cloud.workerInvokers)),
    stream: createFront(units.stream),
  };
  const worker = await listen(fronts.worker, cloud.workerPort);
  cloud.setWorkerPort(worker.port);
  const workerUrl = `http://127.0.0.1:${worker.port}`;
  const callWorker = createWorkerCaller(workerUrl, cloud.identity, environment);
  // With an external Cloud Tasks, the worker trusts that service's issuer and would refuse our scheduler.
  const stopScheduler =
    cloud.workerPort === 0
      ? startScheduler(callWorker, {
          intervalMs: options.sweepIntervalMs,
          leftQuietMs: options.dataDir === undefined ? undefined : quietMs,
          report: options.report,
        })
      : () => undefined;
  const { AUTH_AUDIENCE: audience = '', GOOGLE_CLOUD_PROJECT: project = '' } = environment;
  const { identity } = cloud;
  const localRouter = createLocalRouter(url, environment, cloud.published);
  const close = async () => {
    stopScheduler();
    addresses.close();
    await localRouter.close();
    await Promise.all(Object.values(units).map((unit) => unit.close()));
    await worker.close();
    await cloud.close();
  };
  try {
    await Promise.all([
      ...Object.values(units).map((unit) => unit.settings.minInstances > 0 && unit.listening()),
      // An external Cloud Storage has its own CORS rules.
      !process.env.STORAGE_EMULATOR_HOST && allowPages(environment, url),
    ]);
  } catch (error) {
    await close();
    throw error;
  }
  addresses.open({
    fronts,
    localToken: sign_in ? undefined : () => identity.sign({ sub: 'local', audience }),
    identityPort: cloud.identityPort,
    localRouter,
    config,
    storageOrigin: new URL(environment.STORAGE_EMULATOR_HOST ?? '').origin,
    users: authEmulator ? createEmulatorUsers({ project, identity, audience }) : undefined,
    devOrigins: options.devOrigins,
    onOtherPage: options.onOtherPage,
    createPage: options.createPage,
  });
  return { url, apiUrl, environment, units, workerUrl, callWorker, close };
}

function allowDevPages({ devOrigins = [], environment }: StackOptions): Record<string, string> {
  if (devOrigins.length === 0) return {};
  const others = environment?.ALLOWED_ORIGINS ?? process.env.ALLOWED_ORIGINS;
  return { ALLOWED_ORIGINS: [...(others ? [others] : []), ...devOrigins].join(',') };
}

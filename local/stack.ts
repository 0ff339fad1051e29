/** The whole product on this machine: the local cloud, the three units, and one address for all of them. */
import type { Server as HttpServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import {
  loadApiConfig,
  loadStreamConfig,
  loadWorkerConfig,
} from '@media-analysis/functions/process/config';
import { startCloud } from './cloud.ts';
import type { FaultPlan } from './faults/plan.ts';
import { createFront, type Front, listen } from './front/front.ts';
import { createInvokerCheck } from './front/invoker.ts';
import { type Mode, RELAXED } from './front/modes.ts';
import { Service, type ServiceOptions } from './front/service.ts';
import { createGateway } from './gateway.ts';
import { createEmulatorUsers } from './google/users.ts';
import type { Page } from './page.ts';
import { allowPages } from './provision.ts';
import { type CallWorker, createWorkerCaller, startScheduler } from './scheduler.ts';
import { type UnitName, unitCommand } from './units.ts';

export interface StackOptions {
  /** Port of the gateway; 0, the default: any free port. */
  port?: number;
  /** Folder of all data; absent: nothing outlives `close`. */
  dataDir?: string | undefined;
  project?: string | undefined;
  /** Further settings of the units, by their names in `functions/process/config.ts`. */
  environment?: Record<string, string>;
  /** Milliseconds between two sweeps; absent: five minutes. */
  sweepIntervalMs?: number | undefined;
  /** Names of the settings that a unit gets; absent: all. */
  settingsOf?: ((unit: UnitName) => readonly string[]) | undefined;
  /** Folder of the built bundles, to run them instead of the sources. */
  bundles?: string | undefined;
  /** How strict the fronts of the units are; absent: `RELAXED`. */
  mode?: Mode | undefined;
  /** Faults to inject into the services. Raise the plan's rate only after everything has started. */
  faults?: FaultPlan | undefined;
  /** `host:port` of Google's Auth emulator. Its users may sign in; its project must be ours. */
  authEmulator?: string | undefined;
  /** Changes how a unit is run. */
  service?: ((unit: UnitName, options: ServiceOptions) => ServiceOptions) | undefined;
  /** Makes the page of the gateway; absent: the page is the one that was built. */
  createPage?: ((gateway: HttpServer) => Page) | undefined;
  /** Gets a line when a unit ended by itself; the default writes it to stderr. */
  report?: ((line: string) => void) | undefined;
}

export interface Stack {
  /** `http://localhost:PORT` */
  url: string;
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

/** @throws {ConfigError} If a unit cannot use its settings. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const cloud = await startCloud(options);
  // The worker's front checks the callers' tokens and removes their signatures, as IAM does.
  const environment: Record<string, string> = {
    ...cloud.environment,
    TASKS_AUTH: 'platform',
    ...options.environment,
  };
  const { authEmulator, bundles, mode = RELAXED, service = (_, usual) => usual } = options;
  const { settingsOf = () => Object.keys(environment) } = options;
  const givenTo = (name: UnitName) => {
    const names = settingsOf(name);
    const given = Object.entries(environment).filter(([setting]) => names.includes(setting));
    return Object.fromEntries(given);
  };
  try {
    // Checked here once, because a unit with unusable settings would be restarted and fail again and again.
    for (const name of UNITS) LOAD_CONFIG[name]({ ...process.env, ...givenTo(name) });
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
      ? startScheduler(callWorker, options.sweepIntervalMs, options.report)
      : () => undefined;
  const { AUTH_AUDIENCE: audience = '', GOOGLE_CLOUD_PROJECT: project = '' } = environment;
  const { identity } = cloud;
  const gateway = createGateway({
    fronts,
    localToken: () => identity.sign({ sub: 'local', audience }),
    identityPort: cloud.identityPort,
    storageOrigin: new URL(environment.STORAGE_EMULATOR_HOST ?? '').origin,
    users: authEmulator
      ? createEmulatorUsers({ host: authEmulator, project, identity, audience })
      : undefined,
    createPage: options.createPage,
  });
  const close = async () => {
    stopScheduler();
    gateway.closeAllConnections();
    gateway.close();
    await Promise.all(Object.values(units).map((unit) => unit.close()));
    await worker.close();
    await cloud.close();
  };
  try {
    await new Promise<void>((resolve, reject) => {
      gateway.once('error', reject);
      gateway.listen(options.port ?? 0, '127.0.0.1', resolve);
    });
    await Promise.all([
      ...Object.values(units).map((unit) => unit.settings.minInstances > 0 && unit.listening()),
      // An external Cloud Storage has its own CORS rules.
      !process.env.STORAGE_EMULATOR_HOST && allowPages(environment, urlOf(gateway)),
    ]);
  } catch (error) {
    await close();
    throw error;
  }
  return { url: urlOf(gateway), environment, units, workerUrl, callWorker, close };
}

function urlOf(gateway: Server): string {
  return `http://localhost:${(gateway.address() as AddressInfo).port}`;
}

/** A front with test containers behind it, and functions to call it. */
import { fileURLToPath } from 'node:url';
import { HANG_LIMIT_MS } from '../../../test/support/hang-limit.ts';
import type { ServiceSettings } from '../deployed.ts';
import { createFront, listen } from '../front.ts';
import type { CheckInvoker } from '../invoker.ts';
import type { Conduct } from '../modes.ts';
import { Service } from '../service.ts';

const CONTAINER = fileURLToPath(new URL('./container.ts', import.meta.url));

export interface WorldOptions {
  settings?: Partial<ServiceSettings>;
  conduct?: Partial<Conduct>;
  /** Environment of the container. */
  environment?: Record<string, string>;
  command?: string[];
  pendingMs?: number;
  graceMs?: number;
  checkInvoker?: CheckInvoker;
}

/** The container's report on a request. */
interface Said {
  pid: number;
  size: number;
  headers: Record<string, string | undefined>;
}

export interface World {
  url: string;
  service: Service;
  /** The service's reports, line by line. */
  reports: string[];
  call(path: string, init?: RequestInit): Promise<Response>;
  /** The container's report. @throws {Error} if the status is not 200 */
  said(path?: string, init?: RequestInit): Promise<Said>;
  close(): Promise<void>;
}

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const { settings, conduct, environment = {}, command = [CONTAINER], checkInvoker } = options;
  const reports: string[] = [];
  const service = new Service({
    report: (line) => reports.push(line),
    name: 'container',
    program: { command, environment },
    settings: {
      concurrency: 2,
      minInstances: 0,
      maxInstances: 2,
      timeoutMs: HANG_LIMIT_MS,
      invoker: 'public',
      ...settings,
    },
    conduct: { freezes: false, spreads: false, idleMs: 60_000, vanishes: false, ...conduct },
    ...(options.pendingMs !== undefined && { pendingMs: options.pendingMs }),
    ...(options.graceMs !== undefined && { graceMs: options.graceMs }),
  });
  const front = await listen(createFront(service, checkInvoker));
  const url = `http://127.0.0.1:${front.port}`;
  const call = (path: string, init?: RequestInit) => fetch(`${url}${path}`, init);
  return {
    url,
    service,
    reports,
    call,
    said: async (path = '/', init) => {
      const response = await call(path, init);
      if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
      return (await response.json()) as Said;
    },
    close: async () => {
      await service.close();
      await front.close();
    },
  };
}

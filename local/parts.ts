/** How a feature takes part in `npm start`: what it is given, and what it gives. */
import type { Firestore } from '@google-cloud/firestore';
import type { Route } from '@media-analysis/functions/http/router';
import type { Published } from './topic.ts';

interface CloudServices {
  project: string;
  /** `http://host:port` */
  storage: string;
  /** `host:port` */
  pubsub: string;
  workerUrl: string;
  /** The account with which Pub/Sub calls the worker. */
  account: string;
}

export interface Provided {
  /** Buckets that are made here; in the cloud, their owners make them. */
  buckets: readonly string[];
  /** Called when all services run, and the buckets are there. */
  run(services: CloudServices): Promise<void>;
}

/** @param settings Those of the units. */
export type Provision = (settings: Readonly<Record<string, string | undefined>>) => Provided;

interface Page {
  /** The address of `npm start`: `http://localhost:PORT` */
  url: string;
  firestore: () => Promise<Firestore>;
  published: readonly Published[];
}

/** Routes below `/local/` that only programs of this machine reach. */
export type LocalRoutes = (page: Page) => Route[];

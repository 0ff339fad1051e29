/**
 * The form of a route in the contract, and of its documentation. Each feature writes its routes in the file that has its schemas:
 * `…Routes` is loaded with the unit that answers them, `…Docs` only where the API's document is made. Because `…Docs` is a function
 * that no unit calls, no bundle has its texts.
 */
import type { z } from 'zod';
import type { ErrorCode } from './error-codes.ts';

/** An answer: JSON with a schema, bytes of a listed type, events, or nothing. */
type Answer = (
  | { json: z.ZodType }
  | { types: readonly string[] }
  | { events: 'media' | 'library' | 'reanalysis' }
  | { redirect: true }
  | { nothing: true }
) & {
  /** It has an `ETag`. */
  etag?: true;
  /** It says what remains of the limits of the day. */
  limits?: true;
};

export type Contract = RouteFields & MethodFields;

type MethodFields =
  | { method: 'GET' | 'PATCH' | 'DELETE'; idempotencyKey?: undefined }
  | {
      method: 'POST';
      /** `optional`: the route makes something, once for each key. `none`: a repeated request does no harm. */
      idempotencyKey: 'optional' | 'required' | 'none';
    };

interface RouteFields {
  /** With `{name}` for each value in it. */
  path: string;
  /** True: the route needs no token. */
  open?: true;
  /** A service key needs this scope. Without it: `read` for a GET, `write` for the others. */
  scope?: 'read' | 'write' | 'admin';
  /** How the stream reads `Last-Event-ID`. `done`: after the last event it answers 204. `since`: it continues from there. */
  lastEventId?: 'done' | 'since';
  /** All parameters of the address. Any other parameter is refused. */
  query?: z.ZodObject;
  json?: z.ZodType;
  /** The request may have no body. */
  bodyOptional?: true;
  /** A form with files: its other fields, and how many files there may be. */
  form?: { fields: z.ZodObject; files: 'one' | 'many' };
  answers: Readonly<Record<number, Answer>>;
  codes: readonly ErrorCode[];
}

type WithBody = { json: z.ZodType } | { form: NonNullable<Contract['form']> };

/** Keeps only the used parts of a route's type: the types of schemas are long, and the packages for apps contain them. */
type Defined<Route> = Contract &
  (Route extends { query: infer Query } ? { query: Query } : unknown) &
  (Route extends WithBody ? WithBody : unknown);

/** TypeScript takes a misspelt field of a generic parameter for a further one: `scop: 'admin'` would ask for no scope. */
type NoOtherFields<Routes> = {
  readonly [Name in keyof Routes]: {
    readonly [Field in Exclude<keyof Routes[Name], keyof Contract>]: never;
  };
};

/** The routes of a feature, by their names. */
export function defineRoutes<const Routes extends Readonly<Record<string, Contract>>>(
  routes: Routes & NoOtherFields<Routes>,
): { readonly [Name in keyof Routes]: Defined<Routes[Name]> };
export function defineRoutes(routes: Readonly<Record<string, Contract>>) {
  return routes;
}

/** The names of the parameters that an address may have, in their order. */
export function parametersOf({ query }: Contract): string[] {
  return Object.keys(query?.shape ?? {});
}

/** The errors of each route that needs a token. */
export const COMMON = [
  'invalid_request',
  'unauthenticated',
  'forbidden',
  'rate_limited',
  'unavailable',
  'internal',
] as const;
const BODY = [...COMMON, 'malformed_body', 'body_too_large', 'request_timeout'] as const;
export const JSON_BODY = [...BODY, 'not_json'] as const;
export const FORM_BODY = [
  ...BODY,
  'not_multipart',
  'empty_file',
  'file_too_large',
  'too_many_files',
  'unsupported_media_type',
] as const;
/** For a route that makes something: its result may be deleted before the request is repeated. */
export const NEW = [...JSON_BODY, 'not_found', 'idempotency_key_reused'] as const;
export const ONE = [...COMMON, 'not_found'] as const;
/** For a write that takes `If-Match`. */
export const CHANGED = [...ONE, 'precondition_failed'] as const;
export const OBJECT = [...ONE, 'not_ready', 'media_held'] as const;

/** The chapters of the document, in their order. */
export const GROUPS = {
  Upload: 'Photos and videos come in: in a form, or one by one, straight to Cloud Storage.',
  Media: 'What is stored and what is known of it.',
  Analyses: 'What a media can be asked, and its earlier answers.',
  Reanalyses:
    'One analysis again over many media: first a quote, then, once it is confirmed, the work.',
  Imports:
    'For a backend with a service key: files that lie in a bucket, or at addresses of the web, become media of the user whom `X-On-Behalf-Of` names.',
  Streams: 'Each change as it happens, as Server-Sent Events.',
  Webhooks:
    'For a backend with a service key of the scope `admin`: it is told how media end. With `X-On-Behalf-Of` those of one user, else of all.',
  Account: 'What it has cost.',
  Document: 'This document. It needs no token.',
} as const;

/** The text about a route, with examples. */
export interface Words {
  group: keyof typeof GROUPS;
  title: string;
  text?: string;
  /** Texts about values in the path that differ from those of the feature. */
  inPath?: Readonly<Record<string, string>>;
  /** Example of the body or the form. A form has the names of its files. */
  asked?: Readonly<Record<string, unknown>>;
  /** Example of the answer, if it is JSON. */
  answered?: unknown;
}

/** The part of the API's document that is about one feature. */
export interface FeatureDocs {
  routes: Readonly<Record<string, Words>>;
  /** Texts about the values in the paths, by their names. */
  inPath?: Readonly<Record<string, string>>;
  /** Schemas of requests, by their names in the document. */
  askedSchemas?: Readonly<Record<string, z.ZodType>>;
  /**
   * Schemas of answers, and of the objects in them that a program passes around. No name may be an operation's name with
   * `Response` after it, because tools generate these names.
   */
  answeredSchemas?: Readonly<Record<string, z.ZodType>>;
}

/** The docs of these routes. A route without texts, or without an example of its body, is a type error. */
export interface Docs<All> extends FeatureDocs {
  routes: {
    readonly [Name in keyof All]: All[Name] extends WithBody ? Words & { asked: object } : Words;
  };
}

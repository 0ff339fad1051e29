/**
 * The form of a route in the contract, and of its documentation. Each feature writes its routes in the file that has its schemas:
 * `…Routes` is loaded with the unit that answers them, `…Docs` only where the API's document is made. Because `…Docs` is a function
 * that no unit calls, no bundle has its texts.
 */
import type { z } from 'zod';
import type { ErrorCode } from './error-codes.ts';

/** An answer: JSON of a schema, bytes of one of some types, events, or nothing. */
type Answer =
  | { json: z.ZodType }
  | { types: readonly string[] }
  | { events: 'media' | 'library' | 'reanalysis' }
  | { redirect: true }
  | { nothing: true };

export type Contract = RouteFields & MethodFields;

type MethodFields =
  | { method: 'GET' | 'PATCH' | 'DELETE'; idempotencyKey?: undefined }
  | {
      method: 'POST';
      /** `optional`: the route makes something, once for each key. `none`: to send the request twice does no harm. */
      idempotencyKey: 'optional' | 'required' | 'none';
    };

interface RouteFields {
  /** With `{name}` for each value in it. */
  path: string;
  /** Anybody may ask. Without this, a token is needed. */
  open?: true;
  /** A service key needs this scope. Without it: `read` for a GET, `write` for the others. */
  scope?: 'read' | 'write' | 'admin';
  /** `done`: after it there is nothing more. `since`: the stream goes on after it. */
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

/** The type of a route keeps only what is used of it: the types of schemas are long, and the packages for apps carry them. */
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
export const JSON_BODY = [
  ...COMMON,
  'malformed_body',
  'body_too_large',
  'request_timeout',
] as const;
export const FORM_BODY = [
  ...JSON_BODY,
  'not_multipart',
  'empty_file',
  'file_too_large',
  'too_many_files',
  'unsupported_media_type',
] as const;
/** For a route that makes something: what it made may be gone before the request is sent again. */
export const NEW = [...JSON_BODY, 'not_found', 'idempotency_key_reused'] as const;
export const ONE = [...COMMON, 'not_found'] as const;
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
  /** A few words. */
  title: string;
  /** More about it. */
  text?: string;
  /** Texts about values in the path that differ from those of the feature. */
  inPath?: Readonly<Record<string, string>>;
  /** The body or the form. A form has the names of its files. */
  asked?: Readonly<Record<string, unknown>>;
  /** The answer, if it is JSON. */
  answered?: unknown;
}

/** The part of the API's document that is about one feature. */
export interface FeatureDocs {
  routes: Readonly<Record<string, Words>>;
  /** Texts about the values in the paths, by their names. */
  inPath?: Readonly<Record<string, string>>;
  /** Schemas of what callers send, by the names that they have in the document. */
  askedSchemas?: Readonly<Record<string, z.ZodType>>;
  /**
   * Schemas of what callers get, and of the objects within that a program passes around. No name is that of an operation with
   * `Response` after it: so tools name what they make of an operation.
   */
  answeredSchemas?: Readonly<Record<string, z.ZodType>>;
}

/** The docs of these routes: nothing compiles before each of them has its words, and an example of its body. */
export interface Docs<All> extends FeatureDocs {
  routes: {
    readonly [Name in keyof All]: All[Name] extends WithBody ? Words & { asked: object } : Words;
  };
}

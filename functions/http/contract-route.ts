/** Registers a route as the contract has it: its method, its path, and the parameters of its address. */
import { AppError } from '@media-analysis/shared/errors';
import { type Contract, parametersOf } from '@media-analysis/shared/routes';
import { refuseOtherThanJson } from './body.ts';
import { queryOf } from './query.ts';
import type { Call, Route } from './router.ts';
import { scopeOf } from './service-caller.ts';
import type { Scope } from './service-key.ts';

export interface ContractCall extends Call {
  /** Only parameters of the contract, each once. */
  query: Record<string, string>;
}

/** One handler for each of these routes: without one, or with one too many, nothing compiles. */
export type Handlers<Routes, Handle> = { [Name in keyof Routes]: Handle };

/**
 * @param enter Calls the handler. It reads the parameters, and the type of the body, after the token, so that a caller without a
 *   token learns that first.
 */
export function contractRoutes<Name extends string, Handle>(
  routes: Readonly<Record<Name, Contract>>,
  handlers: Readonly<Record<Name, Handle>>,
  enter: (call: Call, handle: Handle, withQuery: () => ContractCall, scope: Scope) => Promise<void>,
): Route[] {
  return (Object.keys(routes) as Name[]).map((name) => {
    const { known, scope, isJson, ...route } = shapeOf(routes[name]);
    const read = (call: Call) => {
      if (isJson) refuseOtherThanJson(call.request);
      return { ...call, query: queryOf(call.url, known) };
    };
    const handle = (call: Call) => enter(call, handlers[name], () => read(call), scope);
    return { ...route, handle };
  });
}

/** Each route by its own name: who answers is looked up at the call. */
export function namesOf<Name extends string>(
  routes: Readonly<Record<Name, Contract>>,
): { [Each in Name]: Each } {
  const names = Object.keys(routes);
  return Object.fromEntries(names.map((name) => [name, name])) as { [Each in Name]: Each };
}

/** For a route of the contract whose feature was taken away. */
export function notOffered({ url }: Pick<Call, 'url'>): AppError {
  return new AppError('not_found', `This service does not offer ${url.pathname}.`);
}

interface RouteShape extends Pick<Route, 'method' | 'path' | 'noHead'> {
  known: readonly string[];
  scope: Scope;
  isJson: boolean;
}

function shapeOf(route: Contract): RouteShape {
  const { method, path, scope = scopeOf(method), json, answers } = route;
  return {
    method,
    path: path.replaceAll(/\{(\w+)\}/g, ':$1'),
    noHead: Object.values(answers).some((answer) => 'events' in answer),
    known: parametersOf(route),
    scope,
    isJson: json !== undefined,
  };
}

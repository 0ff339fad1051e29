/** Registers a route with the method, path and parameters of the contract. */
import {
  CONTRACT,
  type Contract,
  type Operation,
  type OperationOf,
  operationsOf,
} from '@media-analysis/shared/contract';
import { queryOf } from './query.ts';
import type { Call, Route } from './router.ts';
import { scopeOf } from './service-caller.ts';
import type { Scope } from './service-key.ts';

export interface ContractCall extends Call {
  /** Only parameters of the contract, each once. */
  query: Record<string, string>;
}

/** A unit with a missing or an extra handler does not compile. */
export type Handlers<Unit extends Contract['unit'], Handle> = {
  [Name in OperationOf<Unit>]: Handle;
};

/**
 * @param enter Calls the handler. It reads the parameters after the token, so that a caller without a token learns that first.
 */
export function contractRoutes<Unit extends Contract['unit'], Handle>(
  unit: Unit,
  handlers: Handlers<Unit, Handle>,
  enter: (call: Call, handle: Handle, withQuery: () => ContractCall, scope: Scope) => Promise<void>,
): Route[] {
  return operationsOf(unit).map((name) => {
    const { method, path, known, scope } = shapeOf(name);
    const handle = (call: Call) =>
      enter(call, handlers[name], () => ({ ...call, query: queryOf(call.url, known) }), scope);
    return { method, path, handle };
  });
}

interface RouteShape extends Pick<Route, 'method' | 'path'> {
  known: readonly string[];
  scope: Scope;
}

function shapeOf(name: Operation): RouteShape {
  const { method, path, parameters = [], scope = scopeOf(method) }: Contract = CONTRACT[name];
  return { method, path: path.replaceAll(/\{(\w+)\}/g, ':$1'), known: parameters, scope };
}

/** Registers a route as the contract has it: its method, its path, and the parameters of its address. */
import {
  CONTRACT,
  type Contract,
  type Operation,
  type OperationOf,
  operationsOf,
} from '@media-analysis/shared/contract';
import { AppError } from '@media-analysis/shared/errors';
import { queryOf } from './query.ts';
import type { Call, Route } from './router.ts';
import { scopeOf } from './service-caller.ts';
import type { Scope } from './service-key.ts';

export interface ContractCall extends Call {
  /** The parameters of the address: none but those of the contract, each once. */
  query: Record<string, string>;
}

/** One handler for each route of a unit: without one, or with one too many, nothing compiles. */
export type Handlers<Unit extends Contract['unit'], Handle> = {
  [Name in OperationOf<Unit>]: Handle;
};

/**
 * @param enter Calls the handler. It reads the parameters only then, so that a caller without a token hears of the token first.
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

/** Each operation of a unit by its own name: who answers is looked up at the call. */
export function namesOf<Unit extends Contract['unit']>(
  unit: Unit,
): Handlers<Unit, OperationOf<Unit>> {
  return Object.fromEntries(operationsOf(unit).map((name) => [name, name])) as Handlers<
    Unit,
    OperationOf<Unit>
  >;
}

/** For a route of the contract whose feature was taken away. */
export function notOffered({ url }: Pick<Call, 'url'>): AppError {
  return new AppError('not_found', `This service does not offer ${url.pathname}.`);
}

interface RouteShape extends Pick<Route, 'method' | 'path'> {
  known: readonly string[];
  scope: Scope;
}

function shapeOf(name: Operation): RouteShape {
  const { method, path, parameters = [], scope = scopeOf(method) }: Contract = CONTRACT[name];
  return { method, path: path.replaceAll(/\{(\w+)\}/g, ':$1'), known: parameters, scope };
}

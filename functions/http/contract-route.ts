/** Registers a route as the contract has it: its method, its path, and the parameters of its address. */
import {
  CONTRACT,
  type Contract,
  type Operation,
  type OperationOf,
  operationsOf,
} from '@media-analysis/shared/contract';
import { queryOf } from './query.ts';
import type { Call, Route } from './router.ts';

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
  enter: (call: Call, handle: Handle, withQuery: () => ContractCall) => Promise<void>,
): Route[] {
  return operationsOf(unit).map((name) => {
    const { method, path, known } = shapeOf(name);
    const handle = (call: Call) =>
      enter(call, handlers[name], () => ({ ...call, query: queryOf(call.url, known) }));
    return { method, path, handle };
  });
}

function shapeOf(name: Operation): Pick<Route, 'method' | 'path'> & { known: readonly string[] } {
  const { method, path, parameters = [] }: Contract = CONTRACT[name];
  return { method, path: path.replaceAll(/\{(\w+)\}/g, ':$1'), known: parameters };
}

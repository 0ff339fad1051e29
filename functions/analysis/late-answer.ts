/**
 * Node gives a call up if its answer does not begin within five minutes, and `fetch` has no option for that. Only its
 * dispatcher has, whose class Node does not export: see docs/workarounds.md.
 */

/** https://github.com/nodejs/undici/blob/main/lib/global.js */
const NODES_DISPATCHER = Symbol.for('undici.globalDispatcher.1');

/** The page is compiled with the types of a browser, whose `fetch` has no dispatcher. */
type Dispatcher = NonNullable<RequestInit extends { dispatcher?: infer D } ? D : object>;
type Agent = new (options: { headersTimeout: number; bodyTimeout: number }) => Dispatcher;

let agent: Dispatcher | undefined;

/** For the options of `fetch`: the call waits for as long as its signal says. */
export function patientDispatcher(): { dispatcher?: Dispatcher } {
  const nodes = (globalThis as { [NODES_DISPATCHER]?: Dispatcher })[NODES_DISPATCHER];
  if (!agent && nodes) {
    const PatientAgent = nodes.constructor as Agent;
    agent = new PatientAgent({ headersTimeout: 0, bodyTimeout: 0 });
  }
  return agent ? { dispatcher: agent } : {};
}

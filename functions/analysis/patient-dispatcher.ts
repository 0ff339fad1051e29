// Node gives up a call if its answer does not begin within five minutes. `fetch` has no option for that; its dispatcher has one,
// but Node does not export the class. It can go when `fetch` has the option.

/** https://github.com/nodejs/undici/blob/main/lib/global.js */
const NODES_DISPATCHER = Symbol.for('undici.globalDispatcher.1');

/** The page is compiled with a browser's types, whose `fetch` has no dispatcher. */
type Dispatcher = NonNullable<RequestInit extends { dispatcher?: infer D } ? D : object>;
type Agent = new (options: { headersTimeout: number; bodyTimeout: number }) => Dispatcher;

let agent: Dispatcher | undefined;

/** An option of `fetch`: only its signal limits the call. */
export function patientDispatcher(): { dispatcher?: Dispatcher } {
  const nodes = (globalThis as { [NODES_DISPATCHER]?: Dispatcher })[NODES_DISPATCHER];
  if (!agent && nodes) {
    const PatientAgent = nodes.constructor as Agent;
    agent = new PatientAgent({ headersTimeout: 0, bodyTimeout: 0 });
  }
  return agent ? { dispatcher: agent } : {};
}

/**
 * functions-framework runs each request in a domain (https://nodejs.org/api/domain.html), to answer 500 for an error
 * that nobody caught. A domain follows every promise, timer and socket of the process by asynchronous hooks, which took
 * more CPU than anything else that a small request costs ("CPU a request" in `npm run bench -- ingest`). The router
 * answers for whatever a handler throws, and after anything else a process should not go on, domain or not.
 */
import domain, { type Domain } from 'node:domain';

/** As much of a domain as functions-framework uses. */
const nothing: Pick<Domain, 'on' | 'run'> = {
  on() {
    return this as Domain;
  },
  run: (work, ...args) => work(...args),
};

/** Call once, when a unit starts. */
export function withoutDomains(): void {
  domain.create = () => nothing as Domain;
}

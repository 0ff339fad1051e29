/** The header `Server-Timing`: a browser's developer tools show how long each step of an answer took. */
import type { ServerResponse } from 'node:http';

/** Adds the time of `work` to the answer, under the name `step`. */
export type Measure = <T>(step: string, work: () => Promise<T>) => Promise<T>;

/** https://www.w3.org/TR/server-timing/#the-server-timing-header-field */
export function measureInto(response: ServerResponse): Measure {
  return async (step, work) => {
    const started = performance.now();
    try {
      return await work();
    } finally {
      const ms = performance.now() - started;
      if (!response.headersSent)
        response.appendHeader('Server-Timing', `${step};dur=${ms.toFixed(1)}`);
    }
  };
}

/** `Server-Timing`: where the time of an answer went, for whoever looks at it in a browser. */
import type { ServerResponse } from 'node:http';

/** Runs `work` as one of the steps that the answer tells of. */
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

// Jest runs TypeScript through esbuild: the same compiler that makes the deployed bundles.
import { transformSync } from 'esbuild';

// Each of Jest's workers loads this. When Jest is killed they would run on, and with them all that their tests have
// started: both end with the channel to Jest. (A listener for that would keep a worker from ending by itself.)
if (process.connected) setInterval(() => process.connected || process.exit(1), 1_000).unref();

export default {
  process(source, path) {
    const { code, map } = transformSync(source, {
      loader: path.endsWith('x') ? 'tsx' : 'ts',
      format: 'esm',
      target: 'node24',
      jsx: 'automatic',
      sourcemap: 'external',
      sourcefile: path,
    });
    return { code, map };
  },
};

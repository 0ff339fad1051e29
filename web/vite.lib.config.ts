/** Client, hooks and components, as a library for apps. */
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { BUILD_TARGET } from './browsers.ts';

const ROOT = import.meta.dirname;

export default defineConfig({
  plugins: [react(), lightInOlderBrowsers()],
  build: {
    outDir: join(ROOT, 'dist-lib'),
    emptyOutDir: true,
    minify: false,
    sourcemap: true,
    target: BUILD_TARGET,
    lib: {
      entry: Object.fromEntries(
        ['client', 'hooks', 'components'].map((name) => [name, join(ROOT, `src/${name}/index.ts`)]),
      ),
      formats: ['es'],
      cssFileName: 'styles',
    },
    // The app installs these packages itself. shared/ is not published, so it becomes part of the library.
    rolldownOptions: {
      external: [
        ...[/^react(-dom)?(\/|$)/, /^zod(\/|$)/],
        ...['eventsource-parser', 'idb-keyval', 'mediabunny'],
      ],
    },
  },
});

/**
 * A browser that does not know `light-dark()` shows the light colours, all of which are custom properties of `:root`. Vite's
 * own way, as on the page, would need `color-scheme` in a style sheet that Vite builds too, and an app's may be another one.
 */
function lightInOlderBrowsers(): Plugin {
  const lightDark = /light-dark\(((?:[^(),]|\([^()]*\))+),(?:[^(),]|\([^()]*\))+\)/g;
  return {
    name: 'light-in-older-browsers',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const styles = bundle['styles.css'];
      if (styles?.type !== 'asset') return this.error('The library has no styles.css.');
      const css = String(styles.source);
      const [root = ''] = /^:root \{[^}]*\}/m.exec(css) ?? [];
      const newer = `@supports (color: light-dark(red, red)) {\n${root}\n}`;
      styles.source = css.replace(root, () => `${root.replaceAll(lightDark, '$1')}\n${newer}`);
    },
  };
}

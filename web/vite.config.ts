/** The page, as static files. */
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { BUILD_TARGET } from './browsers.ts';
import { llmsPlugin } from './llms-text.ts';

/** Vite's own list, and the links to the workspaces: those lead out of `node_modules`. */
const DENIED = [
  '.env',
  '.env.*',
  '*.{crt,pem,key,p12,pfx,cer,der}',
  '.npmrc',
  '.yarnrc.yml',
  '**/.git/**',
  '**/node_modules/@media-analysis/**',
];

/**
 * Parts that are always loaded together are one file, with all that they need: each file is a request. What is not named here is
 * loaded when it is needed, in a file of its own.
 */
const GROUPS = [
  // The service worker needs it, too, and must not load the page.
  { name: 'shared-files', test: /src\/page\/sending\/shared-files\./ },
  // Of the Japanese texts, which begin the page, and of the full view.
  { name: 'labels', test: /shared\/labels\./ },
  // The bar and the tiles; of what comes later, what is small or needed by both others.
  {
    name: 'index',
    test: /src\/(client\/follow|hooks\/uploads\/(kept-database|tabs)|components\/view\/view-icons|page\/(main|library\/card-list|loading\/afterwards|search\/search))\./,
  },
  // What sends files, and is loaded before it is needed: `src/page/loading/load-failure.tsx`.
  {
    name: 'sending',
    test: /src\/(client\/(analyze|cut-frames|watch)|components\/base\/shrink|page\/sending\/notices)\./,
  },
  // What comes after the first picture.
  { name: 'media-parts', test: /src\/page\/loading\/media-parts\./ },
].map((group, n, { length }) => ({ ...group, priority: length - n }));

/** The page loads its parts by a function of ours, in place of that of Vite's module: `src/page/load-part.ts` says why. */
const loadPartsPlugin: Plugin = {
  name: 'load-parts',
  enforce: 'pre',
  load(id) {
    if (id !== '\0vite/preload-helper.js') return null;
    const ours = join(import.meta.dirname, 'src/page/load-part.ts');
    return `export { loadPart as __vitePreload } from ${JSON.stringify(ours)};`;
  },
};

/** Without it, Vite does not name a part that needs no others. */
const namePart = (part: string, others: string[], { hostType }: { hostType: string }) =>
  hostType === 'html' ? others : [...new Set([part, ...others])];

export default defineConfig({
  plugins: [react(), llmsPlugin, loadPartsPlugin],
  cacheDir: '../node_modules/.cache/vite',
  build: {
    // Data URLs would need an exception in the page's content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false, resolveDependencies: namePart },
    // The licences of what is bundled ask that their texts go along.
    license: { fileName: 'third-party-notices.txt' },
    target: BUILD_TARGET,
    rolldownOptions: {
      input: ['index.html', 'src/page/service-worker.ts'].map((path) =>
        join(import.meta.dirname, path),
      ),
      // A service worker is known by its address, and serves what lies below it.
      output: {
        codeSplitting: { groups: GROUPS },
        entryFileNames: ({ name }) =>
          name === 'service-worker' ? '[name].js' : 'assets/[name]-[hash].js',
      },
    },
  },
  // `npm run dev` hands out the page's sources and what they import, and no other file of this machine.
  server: { fs: { allow: ['.', '../shared', '../node_modules'], deny: DENIED } },
});

/** The page, as static files. */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  build: {
    // Data URLs would need an exception in the page's content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'baseline-widely-available',
  },
  // For `npm run dev` beside `npm start`.
  server: { proxy: { '/api': 'http://localhost:8080' } },
});

import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// Where `tintype serve` listens while `npm run dev` serves the app.
const server = 'http://localhost:8080';

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2022',
    // The content security policy of the site forbids inline scripts.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    sourcemap: false,
    reportCompressedSize: false,
  },
  server: {
    proxy: {
      '/v1': server,
      '^/m/': server,
      '/avatars': server,
      '/oauth/access_token': server,
      '/oauth/revoke': server,
      '/oauth/authorize': {
        target: server,
        // The page is the app's, the decision is the server's.
        bypass: (req) => (req.method === 'GET' && req.headers.accept?.includes('text/html') ? '/index.html' : undefined),
      },
    },
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/test/setup.ts'],
    restoreMocks: true,
    unstubGlobals: true,
  },
});

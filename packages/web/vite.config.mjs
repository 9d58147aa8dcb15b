import { defineConfig } from 'vite';

export default defineConfig({
  base: '/ui/',
  esbuild: { jsx: 'automatic', legalComments: 'none' },
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false }, // the polyfill would be for browsers older than the target
    assetsInlineLimit: 0, // no data: addresses in scripts
    emptyOutDir: true,
    chunkSizeWarningLimit: 900,
    rollupOptions: {
      // Marks for server rendering, which this page has none of.
      onwarn: (warning, warn) => (warning.code === 'MODULE_LEVEL_DIRECTIVE' ? undefined : warn(warning)),
    },
  },
  // While working on the page: npx vite packages/web, with the API of a running competition behind it.
  server: {
    proxy: Object.fromEntries(
      ['/reports', '/signals', '/live', '/info', '/healthz', '/readyz', '/timing-metrics', '/data', '/operations'].map(
        (path) => [path, process.env.REPORT_API ?? 'http://127.0.0.1:8000'],
      ),
    ),
  },
});

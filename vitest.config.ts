import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', './scripts/totals-reporter.ts'],
    globalSetup: './scripts/bundle.mjs',
    testTimeout: 30_000,
    hookTimeout: 120_000,
    retry: 0,
    server: { deps: { external: [/\/packages\/[^/]+\/dist\//] } }, // what ships runs as it ships
  },
});

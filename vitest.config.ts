import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', './scripts/totals-reporter.ts'],
    globalSetup: './scripts/bundle.mjs',
    testTimeout: 60_000, // for machines that have other things to do; what hangs is found as well
    hookTimeout: 120_000,
    maxWorkers: 2, // files at a time: half of the tests wait for clocks and processes
    maxConcurrency: 2,
    retry: Number(process.env.TEST_RETRIES ?? 0), // the totals name what passed at a later try
    server: { deps: { external: [/\/packages\/[^/]+\/dist\//] } }, // what ships runs as it ships
  },
});

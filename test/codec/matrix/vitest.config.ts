import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/codec/matrix/in-vitest.ts'],
    reporters: ['dot'],
    testTimeout: 300_000,
    server: { deps: { external: [/\/packages\/[^/]+\/dist\//] } },
  },
});

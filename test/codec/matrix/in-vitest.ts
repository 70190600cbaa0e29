import { test } from 'vitest';

test('the cases', async () => {
  await import('../cases/main-esm.ts');
});

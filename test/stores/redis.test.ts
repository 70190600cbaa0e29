import { redisStore } from '@jobloom/stores';
import { storeContract } from '@jobloom/stores/contract';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type RunningRedis, redis, startRedis } from '../services/redis.ts';
import { withService } from '../services/service.ts';

withService(redis, () => {
  let server: RunningRedis;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  describe('contract', () => storeContract(test, () => redisStore({ url: server.url, prefix: 'test' })));
});

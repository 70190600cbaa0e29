import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { s3Store } from '@jobloom/stores';
import { storeContract } from '@jobloom/stores/contract';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { ceph, type RunningCeph, startCeph } from '../services/ceph.ts';
import { withService } from '../services/service.ts';

withService(ceph, () => {
  let server: RunningCeph;
  beforeAll(async () => {
    server = await startCeph();
    const { endpoint, credentials } = server;
    const client = new S3Client({ endpoint, credentials, region: 'us-east-1', forcePathStyle: true });
    await client.send(new CreateBucketCommand({ Bucket: 'contract' }));
    client.destroy();
  });
  afterAll(() => server.stop());

  describe('contract', () =>
    storeContract(test, () =>
      s3Store({ bucket: 'contract', prefix: 'a/b', endpoint: server.endpoint, credentials: server.credentials }),
    ));
});

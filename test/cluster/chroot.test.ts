import { backendContract } from '@jobloom/backends/contract';
import { createGrpc } from '@jobloom/backends/grpc';
import { afterAll, beforeAll, test } from 'vitest';
import { APP, createRootfs, type Rootfs, rootfs } from '../services/rootfs.ts';
import { withService } from '../services/service.ts';
import { type RunningDaemon, startDaemon } from './daemons.ts';

const TOKEN = 'a token of this test alone, 1234';

/** One daemon of two sees nothing of this repository, nor of the files of its caller. */
withService(rootfs, () => {
  let place: Rootfs;
  let daemons: RunningDaemon[];
  beforeAll(async () => {
    place = await createRootfs('@grpc/grpc-js');
    place.write('/token', `${TOKEN}\n`, 0o600);
    const program = ['/usr/bin/node', `${APP}/node_modules/@jobloom/parallel/bin/jobloom.js`];
    const elsewhere = ['--jobs', '2', '--token-file', '/token', '--base', APP];
    const env = { HOME: '/root', TMPDIR: '/tmp' };
    daemons = [
      await startDaemon({ through: place.prefix, program, args: elsewhere, env }),
      await startDaemon({ args: ['--jobs', '1', '--token-file', `${place.folder}/token`] }),
    ];
  });
  afterAll(async () => {
    await Promise.all(daemons.map((daemon) => daemon.kill()));
    place.remove();
  });

  backendContract(
    test,
    () => createGrpc({ workers: daemons.map(({ address }) => address), token: TOKEN, heapMb: 48 }),
    { smallHeap: true, signals: true },
  );
});

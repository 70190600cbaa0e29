import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { providerContract } from '@jobloom/backends/contract';
import { slurm as slurmProvider } from '@jobloom/backends/grpc';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { withService } from '../services/service.ts';
import { type RunningSlurm, slurm, startSlurm } from '../services/slurm.ts';

withService(slurm, () => {
  let cluster: RunningSlurm;
  let folder: string;
  beforeAll(async () => {
    cluster = await startSlurm();
    process.env.SLURM_CONF = cluster.configuration;
    folder = mkdtempSync(join(tmpdir(), 'jobloom-pilots-'));
  });
  afterAll(async () => {
    await cluster?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const make = (options = {}) => slurmProvider({ folder, pollMs: 100, ...options });

  describe('pilots of Slurm', () => {
    providerContract(test, () => make(), {
      kill: ({ detail }) => void execFileSync('scancel', ['--batch', '--signal=KILL', detail?.split(' ')[1] ?? '']),
    });
  });
});

import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

const PERIOD_US = 100_000;

/** Control groups with a share of a CPU each; `files` take process ids. */
export interface CpuQuotas extends AsyncDisposable {
  readonly files: readonly string[];
}

/** Makes control groups whose processes get so much CPU time. @throws Error in words where this user may not */
export function cpuQuotas(count: number, cpus: number): CpuQuotas {
  const isV2 = existsSync('/sys/fs/cgroup/cgroup.controllers');
  const base = isV2 ? '/sys/fs/cgroup' : '/sys/fs/cgroup/cpu';
  const folders = Array.from({ length: count }, (_, at) => `${base}/jobloom-${process.pid}-${at}`);
  try {
    for (const folder of folders) {
      mkdirSync(folder);
      const quota = String(cpus * PERIOD_US);
      // what else the machine does comes after them: the quota alone says what they get
      if (isV2) {
        writeFileSync(`${folder}/cpu.max`, `${quota} ${PERIOD_US}`);
        writeFileSync(`${folder}/cpu.weight`, '10000');
      } else {
        writeFileSync(`${folder}/cpu.shares`, '262144');
        writeFileSync(`${folder}/cpu.cfs_period_us`, String(PERIOD_US));
        writeFileSync(`${folder}/cpu.cfs_quota_us`, quota);
      }
    }
  } catch (error) {
    for (const folder of folders) if (existsSync(folder)) rmdirSync(folder);
    throw new Error(
      `control groups with a CPU quota cannot be made in ${base}: ${(error as Error).message}. It takes root, on Linux.`,
    );
  }
  return {
    files: folders.map((folder) => `${folder}/cgroup.procs`),
    async [Symbol.asyncDispose]() {
      for (const folder of folders)
        for (let tries = 50; existsSync(folder); tries -= 1)
          try {
            rmdirSync(folder);
          } catch (error) {
            if (tries === 0) throw error;
            await setTimeout(100); // processes that were killed are in it until they are gone
          }
    },
  };
}

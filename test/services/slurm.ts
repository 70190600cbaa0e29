import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Daemon, startDaemon } from './daemon.ts';
import { engineTrouble } from './engine-trouble.ts';
import { freePorts, missing, rootOnly, type Service } from './service.ts';

const PROGRAMS = ['slurmctld', 'slurmd', 'munged', 'sbatch', 'squeue', 'scancel', 'scontrol', 'sinfo', 'setpriv'];
const NODES = ['n1', 'n2'] as const;

export const slurm: Service = {
  name: 'slurm',
  engine: true,
  unavailable: () => rootOnly('slurmd') ?? missing(PROGRAMS, 'slurm-wlm munge') ?? engineTrouble('slurm'),
};

export interface RunningSlurm {
  /** What SLURM_CONF is to be: by it the commands find this cluster. */
  readonly configuration: string;
  /** What one of its commands prints. */
  command(program: string, ...args: string[]): string;
  /** Ends a node with all that runs there, as a power cut would. */
  killNode(node: (typeof NODES)[number]): Promise<void>;
  /** It is there again, with nothing to do. */
  startNode(node: (typeof NODES)[number]): Promise<void>;
  stop(): Promise<void>;
}

/** A Slurm of two nodes of our own on this host, without accounting, all in one folder. */
export async function startSlurm(): Promise<RunningSlurm> {
  const folder = mkdtempSync(join(tmpdir(), 'jl-slurm-'));
  const configuration = join(folder, 'slurm.conf');
  const [controller = 0, ...ports] = await freePorts(1 + NODES.length);
  for (const name of ['munge', 'state', 'log', ...NODES.map((node) => `spool/${node}`)])
    mkdirSync(join(folder, name), { recursive: true });
  const munge = (name: string): string => join(folder, 'munge', name);
  writeFileSync(munge('key'), randomBytes(1024), { mode: 0o400 });
  writeFileSync(configuration, configurationOf(folder, controller, ports));
  const environment = { SLURM_CONF: configuration };
  const command = (program: string, ...args: string[]): string =>
    `${execFileSync(program, args, { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] })}`;
  const munged = startDaemon('munged', [
    ...['--force', '--foreground', `--key-file=${munge('key')}`, `--socket=${munge('socket')}`],
    ...[`--pid-file=${munge('pid')}`, `--log-file=${munge('log')}`, `--seed-file=${munge('seed')}`],
  ]);
  const controllerDaemon = startDaemon('slurmctld', ['-D'], environment);
  const nodes = new Map<string, Daemon>();
  const start = (node: string): void => void nodes.set(node, startDaemon('slurmd', ['-D', '-N', node], environment));
  const up = async (node: string): Promise<void> => {
    for (let tries = 0; tries < 600; tries += 1) {
      try {
        const state = command('sinfo', '--noheader', '--Node', `--nodes=${node}`, '--format=%t').trim();
        if (/^(idle|mix|alloc)$/.test(state)) return;
      } catch {
        // the controller does not answer yet
      }
      await sleep(50);
    }
    throw new Error(`node ${node} of Slurm is not up within 30 s`);
  };
  for (const node of NODES) start(node);
  for (const node of NODES) await up(node);
  return {
    configuration,
    command,
    async killNode(node) {
      const jobs = command('squeue', '--noheader', '--states=all', `--nodelist=${node}`, '--format=%A').split('\n');
      await nodes.get(node)?.kill();
      killTrees((name) => jobs.some((job) => job !== '' && name.startsWith(`slurmstepd: [${job}.`)));
    },
    async startNode(node) {
      start(node);
      await up(node);
    },
    async stop() {
      const jobs = command('squeue', '--noheader', '--states=all', '--format=%A').split('\n');
      for (const daemon of [...nodes.values(), controllerDaemon, munged]) await daemon.kill();
      killTrees((name) => jobs.some((job) => job !== '' && name.startsWith(`slurmstepd: [${job}.`)));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Ends processes by the text that `ps` shows of them, with all that they started. */
function killTrees(isMeant: (name: string) => boolean): void {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
        return [{ pid, parent, name: readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ') }];
      } catch {
        return []; // it has ended
      }
    });
  const kill = (pid: string): void => {
    for (const child of processes) if (child.parent === pid) kill(child.pid);
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // it has ended
    }
  };
  for (const { pid, name } of processes) if (isMeant(name)) kill(pid);
}

/** More CPUs than there are, so that pilots need not wait for each other; quick decisions; nodes that are lost soon. */
function configurationOf(folder: string, controller: number, ports: readonly number[]): string {
  const host = hostname().split('.')[0];
  const nodes = NODES.map(
    (node, at) =>
      `NodeName=${node} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${ports[at]} CPUs=8 RealMemory=4000 State=UNKNOWN`,
  );
  return `ClusterName=jobloom
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${controller}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=${folder}/munge/socket
CredType=cred/munge
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool/%n
SlurmctldPidFile=${folder}/controller.pid
SlurmdPidFile=${folder}/%n.pid
SlurmctldLogFile=${folder}/log/controller.log
SlurmdLogFile=${folder}/log/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
SlurmctldTimeout=10
SlurmdTimeout=8
TCPTimeout=2
MessageTimeout=5
ReturnToService=2
KillWait=2
SchedulerParameters=sched_interval=2,bf_interval=5,batch_sched_delay=0
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
${nodes.join('\n')}
PartitionName=main Nodes=${NODES.join(',')} Default=YES LLN=YES MaxTime=INFINITE State=UP
`;
}

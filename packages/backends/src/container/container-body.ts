import type { ContainerCreateOptions } from 'dockerode';
import { bytesOfOption, type ContainerResources } from './container-options.ts';
import { CONTAINER_FOLDER } from './places.ts';

const NOBODY = '65534:65534';
const PIDS = 256;
const CPU = 1e9;

export interface BodyWishes {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Record<string, string>;
  /** Its streams are ours: nothing is kept of them, and nothing of the container. */
  readonly attached: boolean;
  /** Folders of this host, at the same path. */
  readonly folders: readonly string[];
}

/** What the engine is asked for. Pure. */
export function containerBody(resources: ContainerResources, wishes: BodyWishes): ContainerCreateOptions {
  const {
    image = '',
    cpus,
    memory,
    pids = PIDS,
    mounts = [],
    network,
    user,
    readOnlyRoot = true,
    tmp,
    cwd,
  } = resources;
  const { attached } = wishes;
  const limit = memory === undefined ? undefined : bytesOfOption(memory);
  const [program, ...args] = wishes.command;
  return {
    Image: image,
    Entrypoint: program,
    Cmd: args,
    Env: Object.entries({ ...resources.env, ...wishes.env }).map(([name, value]) => `${name}=${value}`),
    Labels: wishes.labels,
    User: user ?? NOBODY,
    ...(cwd !== undefined && { WorkingDir: cwd }),
    ...(attached && { OpenStdin: true, StdinOnce: true, AttachStdin: true, AttachStdout: true, AttachStderr: true }),
    HostConfig: {
      AutoRemove: attached,
      LogConfig: attached ? { Type: 'none', Config: {} } : { Type: 'json-file', Config: { 'max-size': '1m' } },
      NetworkMode: network ?? (attached ? 'none' : 'default'),
      ReadonlyRootfs: readOnlyRoot,
      Tmpfs: { '/tmp': `rw,nosuid,nodev,mode=1777,size=${bytesOfOption(tmp ?? '64M')}` },
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      PidsLimit: pids,
      ...(limit !== undefined && { Memory: limit, MemorySwap: limit }),
      ...(cpus !== undefined && { NanoCpus: Math.round(cpus * CPU) }),
      Binds: [
        ...mounts.map(({ source, target, readOnly }) => `${source}:${target}${readOnly ? ':ro' : ''}`),
        ...wishes.folders.map((folder) => `${folder}:${folder}`),
      ],
      ...(resources.gpus !== undefined && { DeviceRequests: [gpuRequest(resources.gpus)] }),
    },
  };
}

function gpuRequest(gpus: NonNullable<ContainerResources['gpus']>) {
  const which = typeof gpus === 'object' ? { DeviceIDs: [...gpus] } : { Count: gpus === 'all' ? -1 : gpus };
  return { ...which, Capabilities: [['gpu']] };
}

/** The command of images that `buildWorkerImage` makes. */
export const COMMAND: readonly string[] = [
  'node',
  '--max-semi-space-size=1', // it only passes bytes on
  '--max-old-space-size=64',
  `${CONTAINER_FOLDER}/node_modules/@jobloom/backends/dist/container/entry.js`,
];

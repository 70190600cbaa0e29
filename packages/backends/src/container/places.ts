/** Where jobloom is in images that `buildWorkerImage` makes, and in others by agreement. */
export const CONTAINER_FOLDER = '/opt/jobloom';

/** What comes before the first packet on a container's standard input: engines may write something there first. */
export const PREAMBLE: Uint8Array = new TextEncoder().encode('\x1ejobloom packets\x1e\n');

/** Begins a line of the supervisor's on standard error; JSON follows. */
export const REPORT = '\x1ejobloom ';

/** Variables by which the supervisor in a container is told what to do. */
export const VARIABLES = {
  heapMb: 'JOBLOOM_HEAP_MB',
  job: 'JOBLOOM_JOB',
} as const;

/** What the supervisor tells on standard error. */
export type Report =
  | { readonly type: 'alive' }
  | {
      readonly type: 'exit';
      readonly code: number | null;
      readonly signal: string | null;
      readonly memory?: MemoryEnd;
    };

/** The worker ended at its memory limit. */
export interface MemoryEnd {
  readonly limit: number;
  /** It was not the kernel: the worker came no further. */
  readonly stuck?: true;
}

export {
  type Backend,
  BackendUnusableError,
  Batch,
  CancelledError,
  type Capabilities,
  ClosedError,
  cpuCount,
  effectiveNJobs,
  OptionError,
  type Outcome,
  type Outcomes,
  ProtocolError,
  registerParallelBackend,
  runEncoded,
  type SubmitOptions,
  UnknownBackendError,
  WorkerLostError,
} from '@jobloom/backends';
export { JobloomError, registerType, UnserializableError, withEnvironment } from '@jobloom/codec';
export { parallelBackend, parallelConfig } from './context.ts';
export { delayed } from './delayed.ts';
export { TaskFuture } from './future.ts';
export type { BackendName, BackendOptions, ParallelOptions } from './options.ts';
export { Parallel } from './parallel.ts';
export { parallel, parallelMap } from './parallel-map.ts';
export type { ProgressEvent } from './progress.ts';
export type { StreamOptions } from './stream.ts';
export { NotATaskError, Task } from './task.ts';

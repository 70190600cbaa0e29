export {
  type Backend,
  BackendUnusableError,
  Batch,
  CancelledError,
  type Capabilities,
  ClosedError,
  type ConsoleLine,
  type CurrentTask,
  cpuCount,
  currentTask,
  effectiveNJobs,
  move,
  NoTaskError,
  OptionError,
  type Outcome,
  type Outcomes,
  ProtocolError,
  registerParallelBackend,
  runEncoded,
  Shared,
  SharedWriteError,
  type SubmitOptions,
  share,
  TaskTimeoutError,
  UnknownBackendError,
  type WorkerExitMessage,
  WorkerLostError,
  WorkerMemoryError,
  type WorkerStartMessage,
} from '@jobloom/backends';
export { JobloomError, registerType, UnserializableError, withEnvironment } from '@jobloom/codec';
export { hasActiveBackend, parallelBackend, parallelConfig } from './context.ts';
export { DeadlineError } from './deadline.ts';
export { delayed } from './delayed.ts';
export type { FailedTask, OnFailure } from './failure.ts';
export { TaskFuture } from './future.ts';
export type { BackendName, BackendOptions, CapturedLine, ParallelOptions } from './options.ts';
export { Parallel } from './parallel.ts';
export { parallel, parallelMap } from './parallel-map.ts';
export {
  type BatchEndMessage,
  type BatchStartMessage,
  type CallEndMessage,
  type CallStartMessage,
  type ChannelMessages,
  observe,
  type TaskRetryMessage,
} from './progress/channels.ts';
export type { ProgressEvent } from './progress/progress-event.ts';
export { PoisonTaskError } from './retry.ts';
export { NoMatchError } from './sinks.ts';
export type { RunnerStats, Spread } from './stats.ts';
export type { StreamOptions } from './stream.ts';
export { NotATaskError, Task } from './task.ts';
export { type ContextRegistration, contextStorage, registerContext } from './travelling-context.ts';

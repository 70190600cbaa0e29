export {
  type BuildWorkerImageOptions,
  buildWorkerImage,
  ContainerError,
  type ContainerExecutor,
  type ContainerExit,
  type ContainerJob,
  type ContainerOptions,
  type ContainerReason,
  container,
  DockerExecutor,
  type DockerExecutorOptions,
} from '@jobloom/backends/container';

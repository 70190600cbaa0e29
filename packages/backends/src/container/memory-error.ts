import { ContainerError } from './container-error.ts';
import type { MemoryEnd } from './places.ts';

/** The worker ended at its memory limit, in words. */
export function memoryError(
  { limit, stuck }: MemoryEnd,
  details: { readonly container: string; readonly lastLines: readonly string[] },
): ContainerError {
  const mb = Math.round(limit / 1024 / 1024);
  const how = stuck ? 'it came no further at its limit of' : 'its limit is';
  return new ContainerError('out-of-memory', `out of memory: ${how} ${mb} MB. Raise the option memory`, details);
}

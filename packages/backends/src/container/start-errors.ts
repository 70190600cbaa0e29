import { BackendUnusableError } from '../errors.ts';
import { ContainerError } from './container-error.ts';
import { CONTAINER_FOLDER } from './places.ts';

interface EngineError extends Error {
  readonly statusCode?: number;
  readonly code?: string;
}

/** The engine cannot be reached: what was asked for may be done once it is back. */
export function isEngineGone(error: unknown): boolean {
  const { code, statusCode } = error as EngineError;
  return (
    statusCode === undefined && /^(ECONN\w+|ENOENT|EPIPE|EACCES|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND)$/.test(code ?? '')
  );
}

/** What it means that the engine did not create or start a container of this image. */
export function startError(error: unknown, image: string): Error {
  const { statusCode, message } = error as EngineError;
  const said = message.trim();
  if (isEngineGone(error)) return unusable('engine-gone', `the container engine is gone: ${said}`, error);
  if (statusCode === 404 && /no such image|image not known/i.test(message))
    return unusable(
      'image-missing',
      `the engine has no image ${image}. Make it by buildWorkerImage({ tag: '${image}' }), or pull it.`,
      error,
    );
  if (/executable file not found|no such file or directory|not found in \$PATH/i.test(message))
    return unusable('image-unfit', `image ${image} has no Node: ${said}. ${ADVICE}`, error);
  return new ContainerError('refused', `the engine did not start a container of image ${image}: ${said}`, {
    cause: error,
  });
}

/** What a container wrote that ended before its worker was there, where that says that the image is the wrong one. */
export function misfit(image: string, lastLines: readonly string[]): BackendUnusableError | undefined {
  const text = lastLines.join('\n');
  if (!/Cannot find (module|package)|bad option|SyntaxError|ERR_UNSUPPORTED/.test(text)) return undefined;
  return unusable(
    'image-unfit',
    `image ${image} has no jobloom that its Node can run at ${CONTAINER_FOLDER}. ${ADVICE}`,
    undefined,
    lastLines,
  );
}

/** The image has another version. */
export function otherVersion(image: string, theirs: number, ours: number): BackendUnusableError {
  return unusable(
    'image-unfit',
    `the jobloom in image ${image} speaks version ${theirs} of the protocol, this one version ${ours}. ${ADVICE}`,
  );
}

function unusable(
  reason: 'engine-gone' | 'image-missing' | 'image-unfit',
  message: string,
  cause?: unknown,
  lastLines: readonly string[] = [],
): BackendUnusableError {
  const error = new ContainerError(reason, message, { lastLines, cause });
  return new BackendUnusableError(error.message, { cause: error });
}

const ADVICE = 'Make one by buildWorkerImage({ tag }), or by the Dockerfile in docs/containers.md.';

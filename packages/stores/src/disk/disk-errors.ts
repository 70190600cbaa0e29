import { StoreError, type StoreErrorCode } from '../errors.ts';

const CODES: Readonly<Record<string, readonly [StoreErrorCode, advice: string]>> = {
  EROFS: ['ERR_STORE_READ_ONLY', 'The file system is mounted read-only.'],
  EACCES: ['ERR_STORE_DENIED', 'Give this user rights to the folder, or choose another one.'],
  EPERM: ['ERR_STORE_DENIED', 'Give this user rights to the folder, or choose another one.'],
  ENOSPC: ['ERR_STORE_FULL', 'Free some space, or limit the size of the store.'],
  EDQUOT: ['ERR_STORE_FULL', "This user's quota is used up."],
  EFBIG: ['ERR_STORE_TOO_LARGE', 'The file system takes no file of this size.'],
  ENOTDIR: ['ERR_STORE_LOCATION', 'Part of the path is a file.'],
  EIO: ['ERR_STORE_FAILED', 'The device fails.'],
  ESTALE: ['ERR_STORE_UNREACHABLE', 'The file server has forgotten the file.'],
  ETIMEDOUT: ['ERR_STORE_TIMEOUT', 'The file server does not answer.'],
};

/** What the file system threw, as a StoreError. Lacking rights to write is `ERR_STORE_READ_ONLY`. */
export function diskError(error: unknown, store: string, what: string, writing: boolean): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined || error instanceof StoreError) return error as Error;
  const [mapped, advice] = CODES[code] ?? ['ERR_STORE_FAILED', ''];
  const own = writing && mapped === 'ERR_STORE_DENIED' ? 'ERR_STORE_READ_ONLY' : mapped;
  return new StoreError(own, store, `${what} failed: ${message}. ${advice}`.trimEnd(), { cause: error });
}

export function hasCode(error: unknown, ...codes: string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException | null)?.code ?? '');
}

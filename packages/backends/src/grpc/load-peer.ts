import { OptionError } from '../errors.ts';

/**
 * Loads an optional package on first use; `load` is the import itself.
 * @throws OptionError with the command that installs it
 */
export async function loadPeer<T>(name: string, what: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error;
    throw new OptionError(
      `${what} needs the package ${name}, which cannot be loaded (${message}). Install it: npm install ${name}`,
      { cause: error },
    );
  }
}

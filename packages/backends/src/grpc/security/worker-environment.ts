/** What a program may need to find its way; nothing in here is a secret. */
const PLAIN =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_\w+|TZ|TERM|COLORTERM|NO_COLOR|FORCE_COLOR|TMPDIR|TMP|TEMP|HOSTNAME|PWD|XDG_(CACHE|CONFIG|DATA)_HOME|JOBLOOM_PACKAGE_CACHE|NODE_ENV|NODE_PATH|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)|LD_LIBRARY_PATH|\w+_NUM_THREADS|OMP_\w+|UV_THREADPOOL_SIZE|(CUDA|ROCR|HIP|GPU|NVIDIA)_\w+|SYSTEMROOT|COMSPEC|PATHEXT|WINDIR|APPDATA|LOCALAPPDATA|USERPROFILE|NUMBER_OF_PROCESSORS)$/i;

/**
 * Leaves in `env`, of a daemon that has read its own settings, only what its workers may see:
 * a fixed list of names that programs need, and the names in `pass`. Passwords and tokens that the daemon
 * was started among are gone for everything that it starts.
 *
 * @returns the names that were removed
 */
export function scrubEnvironment(env: NodeJS.ProcessEnv, pass: readonly string[] = []): readonly string[] {
  const removed = Object.keys(env).filter((name) => !PLAIN.test(name) && !pass.includes(name));
  for (const name of removed) delete env[name];
  return removed.sort();
}

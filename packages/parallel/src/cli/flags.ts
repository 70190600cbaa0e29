import { parseArgs } from 'node:util';

/** An option of a command: `--name VALUE`, and an environment variable for where none is given. */
export interface Flag {
  readonly name: string;
  /** What stands for its value in the usage; left out: it is there or not. */
  readonly value?: string;
  /** May be given several times; several values of the variable are apart by commas. */
  readonly many?: boolean;
  readonly says: string;
}

/** The values of flags, by name. */
export type FlagValues = Readonly<Record<string, readonly string[] | undefined>>;

/** `--tls-cert` is JOBLOOM_TLS_CERT. */
export function variableOf(flag: Flag): string {
  return `JOBLOOM_${flag.name.toUpperCase().replaceAll('-', '_')}`;
}

/** What was given on the command line, else in the environment. @throws TypeError for what is none of these */
export function parseFlags(flags: readonly Flag[], argv: readonly string[], env: NodeJS.ProcessEnv): FlagValues {
  const options = Object.fromEntries(
    flags.map(({ name, value }) => [
      name,
      { type: value === undefined ? 'boolean' : 'string', multiple: true } as const,
    ]),
  );
  const { values } = parseArgs({ args: [...argv], options, strict: true });
  const found: Record<string, readonly string[]> = {};
  for (const flag of flags) {
    const given = values[flag.name] as readonly (string | boolean)[] | undefined;
    const named = env[variableOf(flag)];
    if (given !== undefined) found[flag.name] = given.map(String);
    else if (named !== undefined && named !== '') found[flag.name] = flag.many ? named.split(',') : [named];
  }
  return found;
}

/** One line a flag. */
export function describeFlags(flags: readonly Flag[]): string {
  const left = flags.map(({ name, value }) => `  --${name}${value === undefined ? '' : ` ${value}`}`);
  const width = Math.max(...left.map(({ length }) => length));
  return flags.map(({ says }, at) => `${(left[at] as string).padEnd(width + 2)}${says}`).join('\n');
}

import { OptionError } from '../../errors.ts';

/** What each worker needs of its daemon: so many of a resource, or a label with this value. */
export type Requires = Readonly<Record<string, number | string>>;

/** What a daemon has. */
export interface Offer {
  readonly labels?: Readonly<Record<string, string>>;
  /** How many of each; they are numbered from 0 on. */
  readonly resources?: Readonly<Record<string, number>>;
}

/** @throws OptionError when a requirement is neither a whole number of a resource nor the value of a label */
export function checkRequires(requires: unknown): Requires {
  const isRecord = typeof requires === 'object' && requires !== null;
  const bad = Object.entries(isRecord ? requires : { '': requires }).find(
    ([name, value]) =>
      name === '' || (typeof value !== 'string' && !(Number.isInteger(value) && (value as number) >= 1)),
  );
  if (bad === undefined) return requires as Requires;
  const [name, value] = bad;
  throw new OptionError(
    `The requires option of grpc must have whole numbers of resources, 1 or more, or values of labels, as { gpu: 1, zone: 'a' }. Got ${String(value)}${name === '' ? '' : ` for ${name}`}.`,
  );
}

/** Resources among the requirements. */
export function resourcesOf(requires: Requires): Record<string, number> {
  return Object.fromEntries(Object.entries(requires).filter(([, value]) => typeof value === 'number')) as Record<
    string,
    number
  >;
}

/** How many workers with these requirements a daemon of `jobs` slots can have at once; 0: none, and `lacks` says why. */
export function roomFor(requires: Requires, { labels = {}, resources = {} }: Offer, jobs: number): number {
  let room = jobs;
  for (const [name, value] of Object.entries(requires)) {
    if (typeof value === 'number') room = Math.min(room, Math.floor((resources[name] ?? 0) / value));
    else if (labels[name] !== value) return 0;
  }
  return room;
}

/** What of the requirements a daemon lacks, for people; undefined: nothing. */
export function lacks(requires: Requires, { labels = {}, resources = {} }: Offer): string | undefined {
  const missing = Object.entries(requires).flatMap(([name, value]) => {
    if (typeof value === 'number') {
      const has = resources[name] ?? 0;
      return has >= value ? [] : `${name}: ${value} (it has ${has})`;
    }
    const has = labels[name];
    return has === value ? [] : `${name}: ${value} (it has ${has ?? 'no such label'})`;
  });
  return missing.length === 0 ? undefined : `lacks what is required: ${missing.join(', ')}`;
}

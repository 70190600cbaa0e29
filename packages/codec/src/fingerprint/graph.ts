import { createHash } from 'node:crypto';

/** A thing that counts: a function, class, package or constant. What it uses is named by its edges. */
export interface Thing {
  readonly kind: 'function' | 'constant' | 'package' | 'builtin' | 'value';
  /** How it is called where it was met first. */
  readonly name: string;
  readonly file?: string;
  /** Identity of the thing by itself. */
  readonly id: string;
  readonly edges: Map<string, Thing>;
}

/** sha256 of text, in hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Identity of the first thing with everything that it reaches, which are the others: two graphs have the same when no way through one tells it from the other.
 * What is there twice and alike counts once, and where a walk through a circle began doesn't show.
 */
export function graphId(things: readonly Thing[]): string {
  const uses = new Map(things.map((thing) => [thing, sorted(thing.edges)]));
  const groups = alike(things, uses);
  const numbers = new Map<number, number>();
  const order: Thing[] = [];
  const number = (thing: Thing): number => {
    const group = groups.get(thing) as number;
    let found = numbers.get(group);
    if (found === undefined) {
      found = numbers.size;
      numbers.set(group, found);
      order.push(thing);
    }
    return found;
  };
  number(things[0] as Thing);
  const lines: string[] = ['jobloom fingerprint 1'];
  for (let at = 0; at < order.length; at += 1) {
    const thing = order[at] as Thing;
    lines.push(`${thing.id} ${listed(uses.get(thing) as Uses, number)}`);
  }
  return sha256(lines.join('\n'));
}

/** Everything that a thing reaches, nearest first, itself included. */
export function reachable(root: Thing): readonly Thing[] {
  const found = new Set([root]);
  for (const thing of found) for (const [, target] of sorted(thing.edges)) found.add(target);
  return [...found];
}

type Uses = readonly (readonly [label: string, target: Thing])[];

function listed(uses: Uses, number: (thing: Thing) => number | undefined): string {
  return uses.map(([label, target]) => `${JSON.stringify(label)}:${number(target)}`).join();
}

/** Groups of things that are alike in themselves and in all that they use. */
function alike(things: readonly Thing[], uses: ReadonlyMap<Thing, Uses>): ReadonlyMap<Thing, number> {
  let groups = numbered(things, ({ id }) => id);
  for (let count = sizeOf(groups); count < things.length; ) {
    const before = groups;
    groups = numbered(
      things,
      (thing) => `${before.get(thing)} ${listed(uses.get(thing) as Uses, (each) => before.get(each))}`,
    );
    const next = sizeOf(groups);
    if (next === count) return groups;
    count = next;
  }
  return groups;
}

function numbered(things: readonly Thing[], keyOf: (thing: Thing) => string): Map<Thing, number> {
  const numbers = new Map<string, number>();
  return new Map(
    things.map((thing) => {
      const key = keyOf(thing);
      const known = numbers.get(key) ?? numbers.size;
      numbers.set(key, known);
      return [thing, known];
    }),
  );
}

function sizeOf(groups: ReadonlyMap<Thing, number>): number {
  return new Set(groups.values()).size;
}

function sorted(edges: ReadonlyMap<string, Thing>): Uses {
  return [...edges].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

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
 * Identity of everything that a thing reaches: two graphs have the same when no way through one tells it from the other.
 * What is there twice and alike counts once, and where a walk through a circle began doesn't show.
 */
export function graphId(root: Thing): string {
  const things = reachable(root);
  const groups = alike(things);
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
  number(root);
  const lines: string[] = ['jobloom fingerprint 1'];
  for (let at = 0; at < order.length; at += 1) {
    const { id, edges } = order[at] as Thing;
    const uses = sorted(edges).map(([label, target]) => `${JSON.stringify(label)}:${number(target)}`);
    lines.push(`${id} ${uses.join()}`);
  }
  return sha256(lines.join('\n'));
}

/** Everything that a thing reaches, nearest first. */
export function reachable(root: Thing): readonly Thing[] {
  const found = new Set([root]);
  for (const thing of found) for (const [, target] of sorted(thing.edges)) found.add(target);
  return [...found];
}

/** Groups of things that are alike in themselves and in all that they use. */
function alike(things: readonly Thing[]): ReadonlyMap<Thing, number> {
  let groups = numbered(things, ({ id }) => id);
  for (let count = sizeOf(groups); ; ) {
    const before = groups;
    groups = numbered(things, (thing) => {
      const uses = sorted(thing.edges).map(([label, target]) => `${JSON.stringify(label)}:${before.get(target)}`);
      return `${before.get(thing)} ${uses.join()}`;
    });
    const next = sizeOf(groups);
    if (next === count) return groups;
    count = next;
  }
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

function sorted(edges: ReadonlyMap<string, Thing>): [string, Thing][] {
  return [...edges].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

import { isStandardGlobal, LANGUAGE_GLOBALS } from './standard-globals.ts';

/** Steps from `globalThis`; `@@name` is a well-known symbol, `name get` and `name set` the halves of an accessor. */
export type IntrinsicPath = string;

const SEPARATOR = '/';

/** Gives samples of a realm's own: an object of each kind that no global name leads to. */
const SAMPLES =
  'return [globalThis, async () => {}, function* () {}, async function* () {}, Uint8Array, [], new Map(), new Set()]';

type Samples = readonly [
  Record<string, unknown>,
  object,
  object,
  object,
  object,
  unknown[],
  Map<unknown, unknown>,
  Set<unknown>,
];

/** Objects of the language that no global name leads to. */
function hidden([, async, generatorFunction, asyncGeneratorFunction, bytes, list, map, set]: Samples): [
  string,
  unknown,
][] {
  const iterator = (of: Iterable<unknown>): object => Object.getPrototypeOf(of[Symbol.iterator]());
  const generator = Object.getPrototypeOf(generatorFunction);
  const asyncGenerator = Object.getPrototypeOf(asyncGeneratorFunction);
  return [
    ['%AsyncFunction%', Object.getPrototypeOf(async).constructor],
    ['%GeneratorFunction%', generator.constructor],
    ['%AsyncGeneratorFunction%', asyncGenerator.constructor],
    ['%GeneratorPrototype%', generator.prototype],
    ['%AsyncGeneratorPrototype%', asyncGenerator.prototype],
    ['%TypedArray%', Object.getPrototypeOf(bytes)],
    ['%IteratorPrototype%', Object.getPrototypeOf(iterator(list))],
    ['%ArrayIteratorPrototype%', iterator(list)],
    ['%MapIteratorPrototype%', iterator(map)],
    ['%SetIteratorPrototype%', iterator(set)],
    ['%AsyncIteratorPrototype%', Object.getPrototypeOf(Object.getPrototypeOf(asyncGenerator.prototype))],
  ];
}

const ROOTS = new Map<string, unknown>();
const paths = new Map<unknown, IntrinsicPath>();
/** The `Object.prototype` of each realm that was seen. */
const realms = new Set<object>();

/** Path to an object that every realm has: `Math.max`, `Map.prototype`; undefined for any other. */
export function intrinsicPath(value: object): IntrinsicPath | undefined {
  if (realms.size === 0) learnRealm(Object.prototype);
  const path = paths.get(value) ?? foreignPath(value);
  if (path !== undefined) return path;
  return typeof value === 'function' ? globalNamed(value.name, value) : undefined;
}

/** Objects of another realm, a vm context say, stand for those of the receiver's. */
function foreignPath(value: object): IntrinsicPath | undefined {
  let root = value;
  for (let at: object | null = value; at !== null; at = Object.getPrototypeOf(at)) root = at;
  if (realms.has(root) || !learnRealm(root)) return undefined;
  return paths.get(value);
}

/** Learns the objects of the realm whose `Object.prototype` this is. False when it is none. */
function learnRealm(root: object): boolean {
  const object: unknown = Object.getOwnPropertyDescriptor(root, 'constructor')?.value;
  if (typeof object !== 'function' || object.name !== 'Object' || object.prototype !== root || !isNative(object))
    return false;
  realms.add(root);
  try {
    const make = object.constructor as (body: string) => () => Samples;
    collect(make(SAMPLES)());
  } catch {
    return false; // the context forbids code from strings
  }
  return true;
}

/** The object at a path. @throws TypeError when this runtime has none there */
export function intrinsicAt(path: IntrinsicPath): unknown {
  if (ROOTS.size === 0) for (const [name, value] of hidden(new Function(SAMPLES)() as Samples)) ROOTS.set(name, value);
  const [root = '', ...steps] = path.split(SEPARATOR);
  let at = root.startsWith('%') ? ROOTS.get(root) : (globalThis as Record<string, unknown>)[root];
  for (const step of steps) {
    if ((typeof at !== 'object' && typeof at !== 'function') || at === null) break;
    const [name = '', half] = step.split(' ');
    const key = name.startsWith('@@') ? (Symbol[name.slice(2) as 'iterator'] ?? name) : name;
    const property = Object.getOwnPropertyDescriptor(at, key);
    at = half === undefined ? property?.value : property?.[half as 'get' | 'set'];
  }
  if (at === undefined) throw new TypeError(`this runtime has no ${path.replaceAll(SEPARATOR, '.')}`);
  return at;
}

function globalNamed(name: string, value: unknown): IntrinsicPath | undefined {
  if (name === '' || !Object.hasOwn(globalThis, name) || isUserCode(value)) return undefined;
  return (globalThis as Record<string, unknown>)[name] === value ? name : undefined;
}

/** Node's own globals are JavaScript too; what tells them apart is that they are not enumerable, or were there first. */
function isUserCode(value: unknown): boolean {
  const property = Object.getOwnPropertyDescriptor(globalThis, (value as { name: string }).name);
  return property === undefined || !isStandardGlobal((value as { name: string }).name);
}

function collect(samples: Samples): void {
  const add = (path: string, value: unknown, depth: number): void => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || paths.has(value)) return;
    if (typeof value === 'function' && !isNative(value)) return;
    paths.set(value, path);
    if (depth === 0) return;
    for (const key of Reflect.ownKeys(value)) {
      const step = stepOf(key);
      const property = Object.getOwnPropertyDescriptor(value, key);
      if (step === undefined || property === undefined) continue;
      add(path + SEPARATOR + step, property.value, depth - 1);
      add(`${path + SEPARATOR + step} get`, property.get, 0);
      add(`${path + SEPARATOR + step} set`, property.set, 0);
    }
  };
  const [global] = samples;
  for (const name of LANGUAGE_GLOBALS)
    if (name !== 'globalThis') add(name, Object.getOwnPropertyDescriptor(global, name)?.value, 3);
  for (const [name, value] of hidden(samples)) add(name, value, 2);
  paths.set(global, 'globalThis');
  paths.set(process, 'process');
  paths.set(process.env, `process${SEPARATOR}env`);
  paths.set(console, 'console');
}

function stepOf(key: string | symbol): string | undefined {
  if (typeof key === 'string') return key.includes(SEPARATOR) || key.includes(' ') ? undefined : key;
  const name = key.description?.startsWith('Symbol.') ? key.description.slice(7) : undefined;
  return name !== undefined && Symbol[name as 'iterator'] === key ? `@@${name}` : undefined;
}

const text = Function.prototype.toString;

/** Whether a function is native code. */
export function isNative(value: unknown): boolean {
  return /\{\s*\[native code\]\s*\}\s*$/.test(text.call(value));
}

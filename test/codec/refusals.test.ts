import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { type ChildProcess, spawn } from 'node:child_process';
import { createCipheriv, createECDH } from 'node:crypto';
import fs from 'node:fs';
import { Agent, createServer as createHttpServer, IncomingMessage } from 'node:http';
import { createServer, Socket } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { promisify } from 'node:util';
import { Script } from 'node:vm';
import { BroadcastChannel, MessageChannel, Worker } from 'node:worker_threads';
import { createGzip } from 'node:zlib';
import { registerType, Session, UnserializableError } from '@jobloom/codec';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PEERS, type Peer } from './peers.ts';

const REGISTER = 'Send what it is made from, or register a type: registerType({ name, match, encode, decode })';
const IN_TASK = 'Make it in the task';

/** What goes to a value in a variable `it` of a task, in a list, and its refusal. */
function refusal(it: unknown): string {
  try {
    new Session().encode(() => [it], ['task']);
  } catch (error) {
    if (error instanceof UnserializableError) return error.message;
    throw error;
  }
  return 'travels';
}

class Later extends Promise<number> {}
class Fields {
  open = 1;
  #hidden = 2;
  read(): number {
    return this.#hidden;
  }
}
class Inherits extends Fields {}
class Methods {
  #act(): number {
    return 1;
  }
  act(): number {
    return this.#act();
  }
}
const WITH_PRIVATE = {
  Map: class extends Map<string, number> {
    #h = 1;
  },
  Set: class extends Set<number> {
    #h = 1;
  },
  Array: class extends Array<number> {
    #h = 1;
  },
  Date: class extends Date {
    #h = 1;
  },
  RegExp: class extends RegExp {
    #h = 1;
  },
  Error: class extends Error {
    #h = 1;
  },
  Boolean: class extends Boolean {
    #h = 1;
  },
  Float64Array: class extends Float64Array {
    #h = 1;
  },
};

function privateProblem(name: string, secret: string): string {
  return `an instance of ${name} has the private member ${secret}, which cannot be read from outside. Give ${name} a method [Symbol.for('jobloom.reduce')]() { return [${name}, ...args] }, or register a type`;
}

/** Node's types have no values of it. */
type WebAssemblyClass = new (...args: unknown[]) => object;
const { Module, Instance, Memory, Table, Global } = (
  globalThis as unknown as {
    WebAssembly: Record<'Module' | 'Instance' | 'Memory' | 'Table' | 'Global', WebAssemblyClass>;
  }
).WebAssembly;
const wasm = new Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
const live = (name: string, from: string): string => `a live ${name} (${from}) cannot be sent. ${IN_TASK}`;
const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};
function nativeResolve(): unknown {
  let found: unknown;
  new Promise((resolve) => {
    found = resolve;
  });
  return found;
}

const CASES: readonly (readonly [title: string, make: () => unknown, problem: string])[] = [
  ['a promise', () => Promise.resolve(1), 'a Promise cannot be sent. Await it and send its value'],
  ['a WeakMap', () => new WeakMap(), 'a WeakMap cannot be sent: its entries cannot be listed. Use a Map'],
  ['a WeakSet', () => new WeakSet(), 'a WeakSet cannot be sent: its members cannot be listed. Use a Set'],
  ['a WeakRef', () => new WeakRef({}), 'a WeakRef cannot be sent. Send what deref() gives'],
  [
    'a FinalizationRegistry',
    () => new FinalizationRegistry(() => {}),
    'a FinalizationRegistry cannot be sent. Make one in the task',
  ],

  [
    'a generator',
    () => (function* () {})(),
    'a running generator cannot be sent. Send an array of what it gives, or its function',
  ],
  [
    'an async generator',
    () => (async function* () {})(),
    'a running generator cannot be sent. Send an array of what it gives, or its function',
  ],
  ...(
    [
      ['an array', () => [1][Symbol.iterator]()],
      ['entries of an array', () => [1].entries()],
      ['a typed array', () => new Uint8Array(1).keys()],
      ['a string', () => 'ab'[Symbol.iterator]()],
      ['a Map', () => new Map().keys()],
      ['a Set', () => new Set().values()],
      ['matches', () => 'a'.matchAll(/a/g)],
      ['segments', () => new Intl.Segmenter().segment('a')[Symbol.iterator]()],
    ] as const
  ).map(
    ([of, make]) =>
      [`an iterator of ${of}`, make, 'an iterator cannot be sent. Send an array of what it gives'] as const,
  ),
  ['a revoked Proxy', revoked, 'a revoked Proxy cannot be sent. Send a copy made before it was revoked'],

  ['an instance with a private field', () => new Fields(), privateProblem('Fields', '#hidden')],
  ['one that inherits it', () => new Inherits(), privateProblem('Fields', '#hidden')],
  ['one with a private method', () => new Methods(), privateProblem('Methods', '#act')],
  ...Object.entries(WITH_PRIVATE).map(
    ([name, Type]) =>
      [`a ${name} with a private field`, () => new (Type as new () => object)(), privateProblem(name, '#h')] as const,
  ),

  ['a socket', () => new Socket(), live('Socket', 'node:net.Socket')],
  ['a server', () => createServer(), live('Server', 'node:net.Server')],
  ['an HTTP server', () => createHttpServer(), live('Server', 'node:http.Server')],
  ['an HTTP agent', () => new Agent(), live('Agent', 'node:http.Agent')],
  ['an HTTP message', () => new IncomingMessage(new Socket()), live('IncomingMessage', 'node:http.IncomingMessage')],
  ['a readable', () => Readable.from([1]), live('Readable', 'node:stream.Readable')],
  ['a transform', () => new PassThrough(), live('PassThrough', 'node:stream.PassThrough')],
  ['a compressor', () => createGzip(), live('Gzip', 'node:zlib.Gzip')],
  ['a cipher', () => createCipheriv('aes-128-ecb', Buffer.alloc(16), null), live('Cipheriv', 'node:crypto.Cipheriv')],
  ['a key exchange', () => createECDH('secp256k1'), live('ECDH', 'node:crypto.ECDH')],
  ['a string decoder', () => new StringDecoder('utf8'), live('StringDecoder', 'node:string_decoder.StringDecoder')],
  ['an async resource', () => new AsyncResource('x'), live('AsyncResource', 'node:async_hooks.AsyncResource')],
  ['a compiled script', () => new Script('1'), live('Script', 'node:vm.Script')],
  ['a text encoder', () => new TextEncoder(), live('TextEncoder', 'node:util.TextEncoder')],

  ['an AbortController', () => new AbortController(), `an AbortController cannot be sent. ${REGISTER}`],
  ['an AbortSignal', () => new AbortController().signal, `an AbortSignal cannot be sent. ${REGISTER}`],
  ['an EventTarget', () => new EventTarget(), `an EventTarget cannot be sent. ${REGISTER}`],
  ['a DOMException', () => new DOMException('a', 'AbortError'), `a DOMException cannot be sent. ${REGISTER}`],
  ['a Request', () => new Request('http://localhost/'), `a Request cannot be sent. ${REGISTER}`],
  ['a Response', () => new Response('x'), `a Response cannot be sent. ${REGISTER}`],
  ['Headers', () => new Headers(), `a Headers cannot be sent. ${REGISTER}`],
  ['a number format', () => new Intl.NumberFormat('en'), `a NumberFormat cannot be sent. ${REGISTER}`],
  ['a date format', () => new Intl.DateTimeFormat('en'), `a DateTimeFormat cannot be sent. ${REGISTER}`],
  ['a collator', () => new Intl.Collator('en'), `a Collator cannot be sent. ${REGISTER}`],
  ['a WebAssembly module', () => wasm, `a Module cannot be sent. ${REGISTER}`],
  ['a WebAssembly instance', () => new Instance(wasm), `an Instance cannot be sent. ${REGISTER}`],
  ['a WebAssembly memory', () => new Memory({ initial: 1 }), `a Memory cannot be sent. ${REGISTER}`],
  ['a WebAssembly table', () => new Table({ initial: 1, element: 'anyfunc' }), `a Table cannot be sent. ${REGISTER}`],
  ['a WebAssembly global', () => new Global({ value: 'i32' }, 1), `a Global cannot be sent. ${REGISTER}`],

  [
    'a function internal to Node',
    () => promisify(fs.readFile),
    'readFile is a function internal to Node (node:internal/util). Make it in the task, from what the module exports',
  ],
  [
    'a native function that nothing leads to',
    nativeResolve,
    'anonymous is a native function that no global or module leads to. Call it from a function of your own',
  ],
];

describe('refused by name', () => {
  test.each(CASES)('%s', (_title, make, problem) => {
    expect(refusal(make())).toBe(`task -> it: ${problem}`);
  });

  test('handles of threads and processes', async () => {
    const worker = new Worker('require("node:worker_threads").parentPort.on("message", () => {})', { eval: true });
    const child: ChildProcess = spawn(process.execPath, ['-e', '']);
    const { port1 } = new MessageChannel();
    const channel = new BroadcastChannel('jobloom');
    expect(refusal(worker)).toBe(`task -> it: ${live('Worker', 'node:worker_threads.Worker')}`);
    expect(refusal(port1)).toBe(`task -> it: ${live('MessagePort', 'node:worker_threads.MessagePort')}`);
    expect(refusal(channel)).toBe(`task -> it: ${live('BroadcastChannel', 'node:worker_threads.BroadcastChannel')}`);
    expect(refusal(child)).toBe(`task -> it: ${live('ChildProcess', 'node:child_process.ChildProcess')}`);
    port1.close();
    channel.close();
    await worker.terminate();
    if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
  });

  test('what only Node’s own code can make, whatever the words of this version', async () => {
    const file = await fs.promises.open('.');
    const timers = [setTimeout(() => {}, 0), setImmediate(() => {}), setInterval(() => {}, 1e6)];
    const of = [file, ...timers, new AsyncLocalStorage(), fs.watch('.')];
    for (const each of of) {
      expect(refusal(each)).toMatch(/^task -> it(?: -> prototype -> \.constructor)?: .+\. \w/);
      expect(() => new Session().encode(each)).toThrow(UnserializableError);
    }
    clearTimeout(timers[0] as NodeJS.Timeout);
    clearImmediate(timers[1] as NodeJS.Immediate);
    clearInterval(timers[2] as NodeJS.Timeout);
    (of.at(-1) as fs.FSWatcher).close();
    await file.close();
  });

  test('a subclass of Promise, with its name', () => {
    expect(refusal(Later.resolve(1))).toMatch(
      /^task -> it: a (?:promise of class )?Later cannot be sent\. Await it and send its value$/,
    );
  });
});

describe('the way to it', () => {
  const socket = new Socket();
  const messageOf = (value: unknown): string => {
    try {
      new Session().encode(value, ['task']);
    } catch (error) {
      return (error as Error).message.replace(/:.*/, '');
    }
    return 'travels';
  };

  test('leads over variables, properties, elements, keys, bound arguments, getters and prototypes', () => {
    const helper = () => socket;
    const holder = { list: [1, { deep: socket }] };
    expect(messageOf(() => helper())).toBe('task -> helper -> socket');
    expect(messageOf(() => holder)).toBe('task -> holder -> .list -> [1] -> .deep');
    expect(messageOf(new Map([['k', socket]]))).toBe('task -> .get("k")');
    expect(messageOf(new Map([[socket, 1]]))).toBe('task -> key of the Map');
    expect(messageOf(new Set([socket]))).toBe('task -> member of the Set');
    expect(messageOf({ 'two words': socket })).toBe('task -> ["two words"]');
    expect(messageOf({ [Symbol('s')]: socket })).toBe('task -> [Symbol(s)]');
    expect(messageOf(((_: unknown) => 1).bind(null, socket))).toBe('task -> bound argument 0');
    expect(messageOf(helper.bind(socket))).toBe('task -> bound this');
    expect(messageOf(Object.defineProperty({}, 'g', { get: () => socket }))).toBe('task -> getter .g -> socket');
    expect(messageOf(Object.create({ above: socket }))).toBe('task -> prototype -> .above');
    expect(messageOf(Object.assign(new Error('e'), { cause: socket }))).toBe('task -> .cause');
    expect(messageOf(new Proxy({ in: socket }, {}))).toBe('task -> target of the Proxy -> .in');
    class Holder {
      static held = socket;
      own = 1;
    }
    expect(messageOf(Holder)).toBe('task -> .held');
  });

  test('and the error has it as a list', () => {
    const helper = () => socket;
    const error = (() => {
      try {
        new Session().encode(() => helper(), ['task 3']);
      } catch (thrown) {
        return thrown as UnserializableError;
      }
      throw new Error('it travelled');
    })();
    expect(error).toBeInstanceOf(UnserializableError);
    expect([error.code, error.name, error.trail]).toEqual([
      'ERR_UNSERIALIZABLE',
      'UnserializableError',
      ['task 3', 'helper', 'socket'],
    ]);
  });
});

describe.each(PEERS)('what may seem alike travels over a %s', (_name, open) => {
  let peer: Peer;
  beforeAll(() => {
    peer = open();
  });
  afterAll(async () => peer[Symbol.asyncDispose]());

  test('functions that Node’s globals hold', async () => {
    const { cwd, hrtime } = process;
    const { log, error } = console;
    const { concat, from } = Buffer;
    const { canParse } = URL;
    const task = () => [
      cwd === process.cwd,
      hrtime === process.hrtime,
      hrtime.bigint === process.hrtime.bigint,
      [log.name, error.name],
      concat([from('a'), from('b')]).toString(),
      canParse('http://localhost/'),
    ];
    expect(await peer.call(task)).toEqual([true, true, true, ['log', 'error'], 'ab', true]);
  });

  test('a function of the program’s in the place of one of Node’s is the program’s', async () => {
    const { cwd } = process;
    const mine = () => '/mine';
    process.cwd = mine;
    try {
      const found = process.cwd;
      expect(await peer.call(() => [found(), found === process.cwd])).toEqual(['/mine', false]);
    } finally {
      process.cwd = cwd;
    }
  });

  test('iterators of the program’s own classes', async () => {
    class Count {
      at = 0;
      next() {
        this.at += 1;
        return { done: this.at > 2, value: this.at };
      }
      [Symbol.iterator]() {
        return this;
      }
    }
    const count = new Count();
    expect(await peer.call(() => [...(count as Iterable<number>)])).toEqual([1, 2]);
  });

  test('objects with then, arguments’ rest, unique symbols, proxies', async () => {
    const key = Symbol('unique');
    const object = { [key]: 1, nested: { then: 1 } };
    const proxy = new Proxy({ a: 1 }, {});
    expect(await peer.call(() => [object[key], object.nested.then, proxy.a])).toEqual([1, 1, 1]);
  });

  test('a private class, with a registered type or a reduce method', async () => {
    class Reducible {
      readonly #value: number;
      constructor(value: number) {
        this.#value = value;
      }
      get value(): number {
        return this.#value;
      }
      [Symbol.for('jobloom.reduce')]() {
        return [Reducible, this.#value];
      }
    }
    const one = new Reducible(7);
    expect(await peer.call(() => one.value)).toBe(7);

    class Tagged extends Map<string, number> {
      readonly #tag: string;
      constructor(tag: string, entries: [string, number][]) {
        super(entries);
        this.#tag = tag;
      }
      get tag(): string {
        return this.#tag;
      }
    }
    registerType<Tagged, [string, [string, number][]]>({
      name: 'refusals.Tagged',
      match: (value) => value instanceof Tagged,
      encode: (it) => [it.tag, [...it]],
      decode: ([tag, entries]) => new Tagged(tag, entries),
    });
    const tagged = new Tagged('t', [['a', 1]]);
    expect(await peer.call(() => [tagged.tag, tagged.get('a')])).toEqual(['t', 1]);
  });

  test('an abort is thrown with its name, message and code', async () => {
    const task = () => {
      throw new DOMException('stopped', 'AbortError');
    };
    const thrown = (await peer.call(task).catch((error: unknown) => error)) as DOMException;
    expect(thrown).toBeInstanceOf(Error);
    expect([thrown.name, thrown.message, thrown.code, String(thrown)]).toEqual([
      'AbortError',
      'stopped',
      20,
      'AbortError: stopped',
    ]);
    const signal = () => AbortSignal.abort().throwIfAborted();
    const aborted = (await peer.call(signal).catch((error: unknown) => error)) as DOMException;
    expect([aborted.name, aborted.message]).toEqual(['AbortError', 'This operation was aborted']);
  });

  test('an error of a class with private members is thrown as one of that class', async () => {
    class Refused extends Error {
      readonly status: number;
      #secret = 1;
      constructor(status: number) {
        super(`status ${status}`);
        this.status = status;
      }
      get secret(): number {
        return this.#secret;
      }
    }
    const task = () => {
      throw new Refused(404);
    };
    const thrown = (await peer.call(task).catch((error: unknown) => error)) as Refused;
    expect(thrown).toBeInstanceOf(Refused);
    expect([thrown.status, thrown.message]).toEqual([404, 'status 404']);
    expect(() => thrown.secret).toThrow(TypeError);
  });
});

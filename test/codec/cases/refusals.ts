import { EventEmitter } from 'node:events';
import fs from 'node:fs';
import { createServer, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { refused, type Section, section, task } from './case.ts';

const base = 1;

class Holder {
  value = 1;
  arrow(): () => number {
    return () => this.value;
  }
}
class Later extends Promise<number> {}
function outer(this: unknown, ..._all: number[]): () => unknown {
  return () => arguments.length;
}
function Target(): () => unknown {
  return () => new.target;
}
class Hidden {
  #x = 1;
  reader(): () => number {
    return Object.getOwnPropertyDescriptor({ f: (it: Hidden) => it.#x }, 'f')?.value;
  }
}

export const refusals: Section = section('refused by name', [
  refused(
    'Promise, with the way to it',
    () => {
      const db = { conn: Promise.resolve(1) };
      const viaHelper = () => db;
      return () => viaHelper();
    },
    'task -> viaHelper -> db -> .conn: a Promise cannot be sent. Await it and send its value',
    { renamed: ['viaHelper', 'db'] },
  ),
  refused(
    'subclass of Promise',
    () => {
      const later = Later.resolve(1);
      return () => later;
    },
    'task -> later: a promise of class Later cannot be sent. Await it and send its value',
    { renamed: ['later', 'Later'] },
  ),
  refused(
    'WeakMap',
    () => {
      const weak = new WeakMap();
      return () => weak;
    },
    'task -> weak: a WeakMap cannot be sent: its entries cannot be listed. Use a Map',
    { renamed: ['weak'] },
  ),
  refused(
    'WeakSet',
    () => {
      const weak = new WeakSet();
      return () => weak;
    },
    'task -> weak: a WeakSet cannot be sent: its members cannot be listed. Use a Set',
    { renamed: ['weak'] },
  ),
  refused(
    'WeakRef',
    () => {
      const weak = new WeakRef({});
      return () => weak;
    },
    'task -> weak: a WeakRef cannot be sent. Send what deref() gives',
    { renamed: ['weak'] },
  ),
  refused(
    'FinalizationRegistry',
    () => {
      const registry = new FinalizationRegistry(() => undefined);
      return () => registry;
    },
    'task -> registry: a FinalizationRegistry cannot be sent. Make one in the task',
    { renamed: ['registry'] },
  ),
  refused(
    'running generator',
    () => {
      const running = (function* () {
        yield 1;
      })();
      return () => running;
    },
    'task -> running: a running generator cannot be sent. Send an array of what it gives, or its function',
    { renamed: ['running'] },
  ),
  refused(
    'iterator of a Map',
    () => {
      const entries = new Map([[1, 2]]).entries();
      return () => entries;
    },
    'task -> entries: an iterator cannot be sent. Send an array of what it gives',
    { renamed: ['entries'] },
  ),
  refused(
    'socket',
    () => {
      const socket = new Socket();
      return () => socket;
    },
    'task -> socket: a live Socket (node:net.Socket) cannot be sent. Make it in the task',
    { renamed: ['socket'] },
  ),
  refused(
    'server',
    () => {
      const server = createServer();
      return () => server;
    },
    'task -> server: a live Server (node:net.Server) cannot be sent. Make it in the task',
    { renamed: ['server'] },
  ),
  refused(
    'stream',
    () => {
      const stream = Readable.from([1]);
      return () => stream;
    },
    'task -> stream: a live Readable (node:stream.Readable) cannot be sent. Make it in the task',
    { renamed: ['stream'] },
  ),
  refused(
    'AbortSignal',
    () => {
      const { signal } = new AbortController();
      return () => signal;
    },
    'task -> signal: an AbortSignal cannot be sent. Send what it is made from, or register a type: registerType({ name, match, encode, decode })',
    { renamed: ['signal'] },
  ),
  refused(
    'Intl.NumberFormat',
    () => {
      const format = new Intl.NumberFormat('en');
      return () => format;
    },
    'task -> format: a NumberFormat cannot be sent. Send what it is made from, or register a type: registerType({ name, match, encode, decode })',
    { renamed: ['format'] },
  ),
  refused(
    'timer',
    () => {
      const timer = setTimeout(() => undefined, 0);
      clearTimeout(timer);
      return () => timer;
    },
    'task -> timer: a live Timeout of Node cannot be sent. Make it in the task',
    { renamed: ['timer'] },
  ),
  refused(
    'function internal to Node',
    () => {
      const read = promisify(fs.readFile);
      return () => read;
    },
    'task -> read: readFile is a function internal to Node (node:internal/util). Make it in the task, from what the module exports',
    { renamed: ['read'] },
  ),
  refused(
    'native function that nothing leads to',
    () => {
      const { resolve } = withResolvers();
      return () => resolve;
    },
    'task -> resolve: anonymous is a native function that no global or module leads to. Call it from a function of your own',
    { renamed: ['resolve'] },
  ),
  refused(
    'direct eval',
    () => () => eval('base') ?? base,
    'task: it calls eval directly, which could use any variable. Use (0, eval)(code), which sees globals only, or new Function',
  ),
  refused(
    'this of an enclosing method, in an arrow',
    () => new Holder().arrow(),
    'task: an arrow function that uses `this` of the method around it. Put what it needs of `this` into variables first, or bind a function',
  ),
  refused(
    'arguments of an enclosing function, in an arrow',
    () => outer(1, 2),
    'task: an arrow function that uses `arguments` of the function around it. Use rest parameters: (...args)',
  ),
  refused(
    'new.target of an enclosing function, in an arrow',
    () => Target(),
    'task: an arrow function that uses `new.target` of the function around it. Put it into a variable first',
  ),
  refused(
    'private name of a class around it',
    () => new Hidden().reader(),
    'task: it uses the private name #x of a class that it is not part of. Capture the class or an instance of it',
    { renamed: ['x'] },
  ),
  refused(
    'super apart from its class',
    () =>
      ({
        __proto__: { hi: () => 1 },
        hi(): unknown {
          return (super.toString as () => unknown)();
        },
      }).hi,
    'task: a function that uses `super` apart from its class. Capture the class or an instance of it',
  ),
  refused(
    'revoked Proxy',
    () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return () => proxy;
    },
    'task -> proxy: a revoked Proxy cannot be sent. Send a copy made before it was revoked',
    { renamed: ['proxy'] },
  ),
  refused(
    'a function made in the task, as its result',
    () => () => () => 1,
    'task 0 -> result: function anonymous was made in the task; only functions and classes that the caller sent can come back. Return data, or set allowFunctionResults: true where the workers are trusted',
  ),
  refused(
    'a class made in the task, as its result',
    () => () => class Made {},
    'task 0 -> result: class Made was made in the task; only functions and classes that the caller sent can come back. Return data, or set allowFunctionResults: true where the workers are trusted',
    { renamed: ['Made'] },
  ),
  task('an EventEmitter is nothing but its properties: it travels', () => {
    const emitter = new EventEmitter();
    const heard: number[] = [];
    emitter.on('n', (n: number) => heard.push(n + base));
    return () => {
      emitter.emit('n', 1);
      return heard;
    };
  }, [2]),
]);

function withResolvers(): { resolve: (value: unknown) => void } {
  let resolve: ((value: unknown) => void) | undefined;
  new Promise((done) => {
    resolve = done;
  });
  return { resolve: resolve as (value: unknown) => void };
}

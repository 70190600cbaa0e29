import { randomBytes } from 'node:crypto';
import { types } from 'node:util';
import { captureFunction } from './capture-function.ts';
import { addCode, codeText, hasCode } from './codes.ts';
import { decodeFrame } from './decode/decode-frame.ts';
import { type DecodeLimits, limitsOf } from './decode/limits.ts';
import type { DecoderHost } from './decode/node-reader.ts';
import { type CapturedFunction, type EncoderHost, encodeGraph } from './encoder.ts';
import { UnserializableError } from './errors.ts';
import { portableFailure, unspeakable } from './failures.ts';
import type { Borrow, Frame, ModuleRef } from './frame.ts';
import { broken } from './frame-error.ts';
import { GraphWriter } from './graph-writer.ts';
import { readFlags, writeHead } from './head.ts';
import { hasInspector, inspector, restInspector } from './inspector.ts';
import { Flag } from './layout.ts';
import { MemoryWriter } from './memory.ts';
import { loadModules, loadModulesNow, moduleKey } from './modules.ts';
import { PlainScan } from './plain.ts';
import { isLoaded } from './scripts.ts';
import type { GetParcel } from './ship/arrival.ts';
import { shipModules } from './ship/ship-module.ts';
import { urlAtHome } from './ship/shipped-modules.ts';
import type { TypeRegistration } from './types.ts';

export interface SessionOptions {
  /**
   * Whether functions and classes that the session does not know yet may be captured by `encode` and rebuilt by `decode`.
   * By default the first use decides: a session that starts by encoding is a caller's, and what it decodes are answers,
   * in which only functions and classes are taken that it sent itself; one that starts by decoding is a worker's,
   * and in what it encodes only functions and classes can be that it received.
   */
  readonly functions?: boolean;
  /** Says which end this is, instead of its first use. */
  readonly role?: 'caller' | 'worker';
  /** The channel is between threads of one process: shared memory goes along in `frame.shared`. */
  readonly sharedMemory?: boolean;
  /** What decoding an answer may take. */
  readonly limits?: DecodeLimits;
  /** Says which memory is left in its place instead of being copied; see `Frame.borrowed`. */
  readonly borrow?: Borrow;
  /**
   * What becomes of packages that a value refers to: with `'reference'`, the default, the receiver must have them; with
   * `'ship'` those that are nothing but JavaScript can go along: see `parcelsOf`.
   */
  readonly packages?: 'reference' | 'ship';
  /** Brings what `parcelBytes` gives for a hash at the other end, for packages that are not here. */
  readonly parcel?: GetParcel;
}

const PROCESS = randomBytes(9).toString('base64url');
let lastSession = 0;

interface Home {
  readonly session: string;
  readonly id: number;
}

/**
 * Both ends of one call's traffic. The caller's captures functions, numbers them and recognises them when they
 * come back; the worker's rebuilds them and remembers their numbers, so that a class is one class in everything
 * that one session carries.
 */
export class Session {
  readonly #name = `${PROCESS}${(++lastSession).toString(36)}`;
  readonly #functions: boolean | undefined;
  readonly #sharedMemory: boolean;
  readonly #limits: Required<DecodeLimits>;
  readonly #borrow: Borrow | undefined;
  readonly #ships: boolean;
  readonly #parcel: GetParcel | undefined;
  #role: 'caller' | 'worker' | undefined;
  readonly #captured = new Map<object, CapturedFunction>();
  /** What this session numbered, and what it got with a number. */
  readonly #homes = new Map<object | symbol, Home>();
  readonly #own: (object | symbol)[] = [];
  readonly #foreign = new Map<string, object | symbol>();
  /** Modules that were referred to. */
  readonly #sent = new Set<string>();
  /** Types that came from the other end. */
  readonly #types: TypeRegistration[] = [];

  /** @throws RangeError for a limit that is none */
  constructor(options: SessionOptions = {}) {
    this.#functions = options.functions;
    this.#role = options.role;
    this.#sharedMemory = options.sharedMemory ?? false;
    this.#limits = limitsOf(options.limits);
    this.#borrow = options.borrow;
    this.#ships = options.packages === 'ship';
    this.#parcel = options.parcel;
  }

  /**
   * A snapshot of the value: what happens to it afterwards does not show in the frame.
   * @param trail how the value is called in errors
   * @throws UnserializableError with the way to what cannot travel
   */
  encode(value: unknown, trail: readonly string[] = ['value']): Frame {
    this.#role ??= 'caller';
    return this.#encode(value, trail, false);
  }

  /** What a task threw, as a frame. Never throws: what cannot travel is replaced by a description of it. */
  encodeFailure(thrown: unknown, trail: readonly string[] = ['error']): Frame {
    const travels = (value: unknown): boolean => {
      try {
        this.#encode(value, trail, false);
        return true;
      } catch {
        return false;
      }
    };
    try {
      return this.#encode(portableFailure(thrown, travels), trail, false);
    } catch (reason) {
      return this.#encode(unspeakable(thrown, trail, reason), trail, false);
    }
  }

  /** What was thrown at the other end. */
  decodeFailure(frame: Frame): unknown {
    return this.decode(frame);
  }

  #encode(value: unknown, trail: readonly string[], allNodes: boolean): Frame {
    const memory = new MemoryWriter(this.#sharedMemory, this.#borrow);
    const scan = new PlainScan(memory);
    try {
      if (!allNodes && scan.isPlain(value)) {
        memory.check(() => trail);
        return { ...writeHead(value, 0, memory), codes: [], modules: [] };
      }
      if (scan.tooDeep && !allNodes) return this.#encode(value, trail, true);
      return this.#graph(value, trail, scan, memory, allNodes);
    } catch (error) {
      if (error instanceof UnserializableError || allNodes) throw error;
      // v8's writer met a proxy, a handle or the end of the stack: look at each object alone
      return this.#encode(value, trail, true);
    } finally {
      restInspector();
    }
  }

  #graph(value: unknown, trail: readonly string[], scan: PlainScan, memory: MemoryWriter, allNodes: boolean): Frame {
    const graph = new GraphWriter(scan, trail, allNodes);
    const { table, stateful, pure } = encodeGraph(graph, this.#host, value);
    if (scan.tooDeep && !allNodes) return this.#encode(value, trail, true);
    memory.check(() => trail);
    const modules = this.#ships ? shipModules(graph.modules, graph.codes) : graph.modules;
    for (const module of modules) {
      this.#sent.add(moduleKey(module));
      if (module.name !== undefined) this.#sent.add(module.name);
    }
    const flags = Flag.graph | (stateful ? Flag.stateful : 0) | (pure ? Flag.pure : 0);
    return { ...writeHead(table, flags, memory), codes: graph.codes, modules };
  }

  readonly #host: EncoderHost = {
    homeOf: (value: object | symbol) => {
      const home = this.#homes.get(value);
      if (home !== undefined) return home;
      const id = this.#own.push(value) - 1;
      this.#homes.set(value, { session: this.#name, id });
      return { session: this.#name, id };
    },
    isForeign: (value: object | symbol) => {
      const home = this.#homes.get(value);
      return home !== undefined && home.session !== this.#name;
    },
    capture: (fn: object, trail: () => readonly string[]) => this.#capture(fn, trail),
    mayCapture: () => this.#mayCapture(),
    isAnswer: () => this.#role === 'worker',
    receivedType: (value: object) => this.#types.find((type) => type.match(value)),
    scriptOf: scriptIdOf,
  };

  #mayCapture(): boolean {
    return this.#functions ?? this.#role !== 'worker';
  }

  readonly #decoderHost: DecoderHost = {
    limits: () => this.#limits,
    mayRebuild: () => this.#functions ?? this.#role === 'worker',
    known: (session, id) => (session === this.#name ? this.#own[id] : this.#foreign.get(`${session}:${id}`)),
    learn: (session, id, made) => {
      if (session === this.#name) throw broken('it names something that was never sent');
      this.#foreign.set(`${session}:${id}`, made);
      this.#homes.set(made, { session, id });
    },
    learnType: (type) => {
      if (!this.#types.some(({ name }) => name === type.name)) this.#types.push(type);
    },
  };

  /** Captured once a session: its variables are a snapshot of the first time. */
  #capture(fn: object, trail: () => readonly string[]): CapturedFunction {
    let result = this.#captured.get(fn);
    if (result === undefined) {
      result = captureFunction(fn, this.#mayCapture(), trail);
      this.#captured.set(fn, result);
    }
    return result;
  }

  /**
   * The value of a frame. Its codes must have been added and its modules loaded. The frame's memory becomes the
   * value's own, so decode a frame once, unless it is stateful.
   * @throws FrameError for frames that are broken or of another format; FrameLimitError and FunctionResultError for
   * answers that ask for more than the limits, or hold code: an answer throws nothing else
   */
  decode(frame: Frame): unknown {
    this.#role ??= 'worker';
    return decodeFrame(frame, this.#decoderHost);
  }

  /** Text of a code that a frame names. @throws TypeError for a hash that is not of a function captured in this process */
  code(hash: string): string {
    return codeText(hash);
  }

  /** Takes the text of a code, for all sessions of the process. @throws TypeError when it does not fit its hash */
  addCode(hash: string, text: string): void {
    addCode(hash, text);
  }

  /** True when the code is here already. */
  hasCode(hash: string): boolean {
    return hasCode(hash);
  }

  /**
   * Imports the modules that a frame needs. Those of an answer only if this session sent references to them itself.
   * Packages that go along, and are not here, are brought first.
   * @throws TypeError that names a package and version that is not here
   * @throws FrameError when a package that came is not what its hashes stand for
   */
  async load(modules: readonly ModuleRef[]): Promise<void> {
    const strange = this.#strange(modules);
    if (strange !== undefined) throw strange;
    await loadModules(modules, this.#parcel);
  }

  /** The same at once, for modules that this process has loaded before, as those of an answer are. @throws TypeError for others */
  loadNow(modules: readonly ModuleRef[]): void {
    const strange = this.#strange(modules);
    if (strange !== undefined) throw strange;
    loadModulesNow(modules);
  }

  #strange(modules: readonly ModuleRef[]): TypeError | undefined {
    const isCaller = this.#functions !== true && this.#role === 'caller';
    const strange = isCaller ? modules.find((module) => !this.#maySend(module)) : undefined;
    if (strange === undefined) return undefined;
    const what = `an answer names the module ${strange.specifier}, which was not sent with the call`;
    return new TypeError(`${what}; answers are data`);
  }

  /** Answers may name what the call named, and what is loaded already of the same packages. */
  #maySend(module: ModuleRef): boolean {
    if (this.#sent.has(moduleKey(module))) return true;
    const url = urlAtHome(module) ?? module.url;
    return module.name !== undefined && url !== undefined && this.#sent.has(module.name) && isLoaded(url);
  }

  /** The frame holds a function that writes variables which it captured: decode it anew for each task. */
  isStateful(frame: Frame): boolean {
    return (readFlags(frame.head) & Flag.stateful) !== 0;
  }

  /** The frame is one function that takes nothing from outside: the same whoever sends it, and whenever. */
  isPure(frame: Frame): boolean {
    return (readFlags(frame.head) & Flag.pure) !== 0;
  }
}

const scriptIds = new WeakMap<object, string | undefined>();

function scriptIdOf(fn: object): string | undefined {
  if (!scriptIds.has(fn))
    scriptIds.set(fn, types.isProxy(fn) || !hasInspector() ? undefined : inspector().scriptIdOf(fn));
  return scriptIds.get(fn);
}

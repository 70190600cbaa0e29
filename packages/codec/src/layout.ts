/**
 * The layout of a frame's head.
 *
 * ```
 * varint  format version
 * varint  flags
 * varint  count of short stretches of memory, then the length of each, then their bytes   (flag MEMORY)
 * v8      one value: the root itself, or, with flag GRAPH, a table
 * ```
 * The table holds what v8's format cannot say as numbered nodes. A slot in it is a number:
 * even is a plain value (`values[slot / 2]`), odd a node, -1 nothing. Plain values are v8's own,
 * so a node can never be mistaken for one.
 */
export const FORMAT = 1;

export const Flag = { graph: 1, stateful: 2, pure: 4, memory: 8 } as const;

/** A slot that holds nothing: a hole, the default prototype, a global name. */
export const NONE = -1;
/** In place of a prototype: `null`. */
export const NULL_PROTOTYPE = -2;
/** In place of a captured value: a variable that functions of one group share. */
export const SHARED = -3;

export type Table = readonly [
  root: number,
  values: readonly unknown[],
  records: readonly number[],
  /** Where each node's record starts. */
  starts: readonly number[],
  /** Property names of objects of one shape. */
  shapes: readonly (readonly string[])[],
  /** Nodes to create first, in this order; a negative one (`-1 - id`) is to be filled at that point. */
  order: readonly number[],
  /** Sessions that gave functions, classes and symbols their numbers. */
  homes: readonly string[],
  /** Slots of registered types that the functions in it may come to need. */
  types: readonly number[],
  groups: readonly Group[],
  /** Members that were added at run time to prototypes of packages: the prototype's slot, then a property in full. */
  patches: readonly number[],
];

/** Functions that share variables which they write, and what is in these at first. */
export type Group = readonly [
  variables: readonly (readonly [name: string, slot: number])[],
  functions: readonly number[],
];

/** Kinds of nodes: append only. What each record holds is written where it is written and read. */
export const Kind = {
  object: 0,
  array: 1,
  sparseArray: 2,
  map: 3,
  set: 4,
  date: 5,
  regexp: 6,
  error: 7,
  boxed: 8,
  view: 9,
  memory: 10,
  url: 11,
  searchParams: 12,
  symbol: 13,
  intrinsic: 14,
  builtin: 15,
  reference: 16,
  home: 17,
  function: 18,
  prototype: 19,
  typed: 20,
  reduced: 21,
  bound: 22,
  proxy: 23,
  namespace: 24,
  /** Prototype of one of jobloom's own error classes, by name. */
  errorPrototype: 25,
  /** A variable of a module that it does not export. */
  local: 26,
  /** An ArrayBuffer that can be resized. */
  resizable: 27,
  /** A view of memory that can change its size. */
  growingView: 28,
  /** The `arguments` of a call. */
  arguments: 29,
} as const;

export const Integrity = { open: 0, closed: 1, sealed: 2, frozen: 3 } as const;

/** Forms in which an object's own properties are written. */
export const Properties = { none: 0, simple: 1, full: 2 } as const;

/** Bits of a property written in full. */
export const Attribute = { writable: 1, enumerable: 2, configurable: 4, accessor: 8 } as const;

import { broken, FrameLimitError } from '../frame-error.ts';
import { Flag } from '../layout.ts';
import { ENDS, FORMS, Form, SPARSE, V8_VERSION } from './head-grammar.ts';
import type { DecodeLimits } from './limits.ts';

/** A longer array with holes becomes a table, which takes no memory for them. */
const LONGEST_LIST = 2 ** 25;

/**
 * Looks through a head in V8's format before V8 reads it, making nothing of it. V8's reader takes memory for what an
 * array says of its length before it sees one element, and at each level again: a few bytes could take gigabytes.
 * What writers never write is refused.
 * @throws FrameLimitError | FrameError
 */
export function guardHead(head: Uint8Array, flags: number, limits: Required<DecodeLimits>): void {
  const { length } = head;
  const open: number[] = [];
  let at = startOfValue(head, flags);
  let end = 0;
  let nodes = 0;
  let places = 0;
  do {
    let tag = head[at++] as number;
    while (tag === 0) tag = head[at++] as number; // padding
    if (tag === end) {
      at = afterNumber(head, at);
      if (isArray(end)) at = afterNumber(head, at);
      end = open.pop() as number;
      continue;
    }
    nodes += 1;
    switch (FORMS[tag]) {
      case Form.nothing:
        nodes -= 1;
        break;
      case Form.number:
        nodes -= 1;
        at = afterNumber(head, at);
        break;
      case Form.double:
        nodes -= 1;
        at += 8;
        break;
      case Form.text:
        at = afterNumber(head, at) + numberAt(head, at);
        break;
      case Form.array: {
        const size = numberAt(head, at);
        if (tag !== SPARSE) places += Math.min(size, length);
        else if (size <= LONGEST_LIST) places += size;
        at = afterNumber(head, at);
        end = enter(open, end, tag, limits.depth);
        break;
      }
      case Form.holder:
        end = enter(open, end, tag, limits.depth);
        break;
      case Form.memory:
        at = afterNumber(head, at);
        break;
      case Form.date:
        at += 8;
        break;
      case Form.bigint:
        at = afterNumber(head, at) + Math.floor(numberAt(head, at) / 2);
        break;
      case Form.regexp:
        at = afterRegexp(head, at);
        break;
      case Form.view:
        for (let part = 0; part < 4; part += 1) at = afterNumber(head, at);
        break;
      default:
        throw broken(at > length ? 'it ends early' : `a value of kind ${tag}`);
    }
  } while (open.length > 0 && at <= length);
  if (at > length) throw broken('it ends early');
  check(nodes, places, length, limits.nodes);
}

function check(nodes: number, places: number, length: number, limit: number): void {
  if (nodes > limit) throw new FrameLimitError('nodes', `an answer of ${nodes} values, more than ${limit}`);
  if (places > limit + length)
    throw new FrameLimitError('nodes', `an answer of ${length} bytes with arrays of ${places} places`);
}

function enter(open: number[], end: number, tag: number, depth: number): number {
  if (open.push(end) > depth) throw new FrameLimitError('depth', `an answer nested more than ${depth} deep`);
  return ENDS[tag] as number;
}

/** Whether a tag ends an array. */
function isArray(end: number): boolean {
  return end === ENDS[0x61] || end === ENDS[0x41];
}

function startOfValue(head: Uint8Array, flags: number): number {
  let at = afterNumber(head, afterNumber(head, 0));
  if ((flags & Flag.memory) !== 0) {
    let size = 0;
    let left = numberAt(head, at);
    at = afterNumber(head, at);
    for (; left > 0 && at < head.length; left -= 1) {
      size += numberAt(head, at);
      at = afterNumber(head, at);
    }
    at += size;
  }
  if (head[at] !== 0xff) throw broken('no values');
  if (head[at + 1] !== V8_VERSION) throw broken(`its values are in version ${head[at + 1]} of their format`);
  return at + 2;
}

function afterRegexp(head: Uint8Array, at: number): number {
  let text = at;
  while (head[text] === 0) text += 1;
  if (FORMS[head[text] as number] !== Form.text) throw broken('no text where one belongs');
  return afterNumber(head, afterNumber(head, text + 1) + numberAt(head, text + 1));
}

/** A number of 32 bits, seven to a byte. */
function numberAt(head: Uint8Array, at: number): number {
  const first = head[at] as number;
  if (first < 128) return first;
  let value = 0;
  let factor = 1;
  const after = afterNumber(head, at);
  for (let place = at; place < after; place += 1) {
    value += ((head[place] as number) % 128) * factor;
    factor *= 128;
  }
  return value % 2 ** 32;
}

function afterNumber(head: Uint8Array, at: number): number {
  if ((head[at] as number) < 128) return at + 1;
  let next = at + 1;
  while ((head[next] as number) >= 128) next += 1;
  if (next > at + 4) throw broken('a number of more than 32 bits');
  return next + 1;
}

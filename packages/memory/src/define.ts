import { callShape, fingerprint } from '@jobloom/codec';
import { bindingOf } from './bind-arguments.ts';
import { codeIdentity, codeSegment } from './code-identity.ts';
import { type AnyFunction, type Code, DEFINITION, type Definition } from './definition.ts';
import { functionPlace } from './function-place.ts';
import type { Memory } from './memory.ts';
import { OptionError } from './option-error.ts';
import { type CacheOptions, checkCacheOptions } from './options.ts';
import { ENTRIES } from './prefixes.ts';

/** Those made in this thread; with others their code came along. */
const own = new WeakSet<Definition>();

/** What `memory.cache(fn, options)` is made of: the function's code is looked at here. @throws OptionError */
export function define(memory: Memory, fn: AnyFunction, options: CacheOptions): Definition {
  if (typeof fn !== 'function')
    throw new OptionError(`cache takes a function. Got ${fn === null ? 'null' : typeof fn}.`);
  if (Object.getOwnPropertyDescriptor(fn, DEFINITION) !== undefined)
    throw new OptionError(`${fn.name} is memoized already. Give cache the function itself.`);
  checkCacheOptions(options);
  const shape = callShape(fn);
  const { code, file } = codeOf(fn, options);
  const place = functionPlace(fn.name, file, options.name);
  const definition: Definition = {
    memory,
    fn,
    label: place.label,
    prefix: `${ENTRIES}${place.path}/`,
    binding: bindingOf(shape, options.ignore ?? []),
    usesThis: shape?.usesThis ?? false,
    options,
    code,
    isEarly: true,
  };
  own.add(definition);
  queueMicrotask(() => lookAgain(definition)); // when the module around has run
  return definition;
}

/** Names that the function uses may have had no value when `cache` was called: its code is looked at again before the first call. */
export function settleCode(definition: Definition): void {
  lookAgain(definition);
  definition.isEarly = false;
}

function lookAgain(definition: Definition): void {
  if (definition.isEarly && own.has(definition)) definition.code = codeOf(definition.fn, definition.options).code;
}

/** The code as it is now. */
export function codeOf(
  fn: AnyFunction,
  options: CacheOptions,
): { readonly code: Code; readonly file: string | undefined } {
  const { ignore = [], key, version, code: mode = 'deps', untracked: left = [] } = options;
  const { id, parts, untracked, file } = codeIdentity(fn, mode, left);
  const counting = {
    ...(version !== undefined && { version: JSON.stringify(version) }),
    ...(ignore.length > 0 && { ignore: JSON.stringify(ignore) }),
    ...(key !== undefined && { key: fingerprint(key).id }),
    ...(mode !== 'deps' && { code: mode }),
  };
  return { code: { segment: codeSegment(id, counting), parts, untracked, counting }, file };
}

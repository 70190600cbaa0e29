import { types } from 'node:util';
import { builtinPath, refreshBuiltins } from './builtins.ts';
import { type Binding, capture } from './capture.ts';
import { environmentOf } from './environment.ts';
import { hasInspector, inspector, restInspector } from './inspector.ts';
import { intrinsicPath } from './intrinsics.ts';
import { isByReference } from './packages.ts';
import { exportOf, referenceOf, refreshReferences } from './references.ts';
import { scriptOf } from './scripts.ts';

/** What the variables hold that a function takes from around it, by name: those that travel by value. */
export function capturedValues(fn: object): ReadonlyMap<string, unknown> {
  const declared = environmentOf(fn);
  if (declared !== undefined) return new Map(Object.entries(declared));
  if (types.isProxy(fn) || !hasInspector() || isElsewhere(fn)) return NOTHING;
  try {
    const internals = inspector().internals(fn);
    if (internals.bound !== undefined) {
      const { target, self, args } = internals.bound;
      return new Map<string, unknown>([
        ['bound function', target],
        ['bound this', self],
        ['bound arguments', args],
      ]);
    }
    const { location } = internals;
    if (location === undefined) return NOTHING;
    const script = scriptOf(location.scriptId);
    if (script.url.startsWith('node:')) return NOTHING;
    if (isByReference(script.url) && exportOf(fn, internals, script) !== undefined) return NOTHING;
    const { bindings, code } = capture(fn, internals, () => ['task']);
    return new Map(bindings.flatMap((binding, at) => held(binding, code.header.free[at] as string)));
  } finally {
    restInspector();
  }
}

const NOTHING: ReadonlyMap<string, unknown> = new Map();

function held(binding: Binding, name: string): [string, unknown][] {
  return binding.kind === 'value' && binding.reference === undefined ? [[name, binding.value]] : [];
}

/** Makes `isElsewhere` know what was loaded meanwhile. */
export function refreshElsewhere(): void {
  refreshBuiltins();
  refreshReferences();
}

/** An object of the language, of Node or of a package, which does not travel: the receiver has its own. */
export function isElsewhere(value: object): boolean {
  return intrinsicPath(value) !== undefined || builtinPath(value) !== undefined || referenceOf(value) !== undefined;
}

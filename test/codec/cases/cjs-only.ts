import { type Case, type Exceptions, task } from './case.ts';
import type { CjsCase } from './format-cases.ts';

const here = __filename;

const STRICT: Exceptions = { notIn: { 'bundle-cjs': 'esbuild makes all of a bundle strict' } };
/** Its `children` are then modules that no other process has. */
const REQUIRED_ES_MODULE =
  'task -> module -> .children -> [0] -> [Symbol(kRequiredModuleSymbol)]: a native ModuleWrap handle cannot be sent. Make it in the task';

/** What only CommonJS has. */
export const cjsOnly: Readonly<Record<CjsCase, Omit<Case, 'name'>>> = {
  'require of a package': task('', () => () => (require('lodash') as { sum(all: number[]): number }).sum([1, 2]), 3),
  'require of a file beside': task('', () => () => (require('./sloppy.cjs') as { seven: number }).seven, 7),
  '__filename and __dirname': task('', () => () => [__filename === here, here.startsWith(__dirname)], [true, true]),
  'require.resolve': task('', () => () => typeof require.resolve('lodash'), 'string'),
  'module and exports': task('', () => () => [typeof module.id, typeof exports], ['string', 'object'], {
    limits: { 'bundle-cjs': REQUIRED_ES_MODULE },
  }),
  'a sloppy function: this is the global object': task('', () => sloppy().self, true, STRICT),
  'a sloppy function: an assignment to nowhere makes a global': task('', () => sloppy().leak, 5, STRICT),
  'arguments that are the parameters': task('', () => sloppy().mapped, 9, { args: [1], ...STRICT }),
};

interface Sloppy {
  readonly self: () => boolean;
  readonly leak: () => number;
  readonly mapped: (n: number) => number;
}

function sloppy(): Sloppy {
  return require('./sloppy.cjs') as Sloppy;
}

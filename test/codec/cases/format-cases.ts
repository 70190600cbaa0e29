/** Cases that only one kind of module can have. */
export const ESM_CASES = [
  'import.meta.url',
  'import.meta.dirname and filename',
  'import.meta.resolve',
  'top-level await',
  'require made by createRequire',
  'this of a module',
] as const;
export const CJS_CASES = [
  'require of a package',
  'require of a file beside',
  '__filename and __dirname',
  'require.resolve',
  'module and exports',
  'a sloppy function: this is the global object',
  'a sloppy function: an assignment to nowhere makes a global',
  'arguments that are the parameters',
] as const;

export type EsmCase = (typeof ESM_CASES)[number];
export type CjsCase = (typeof CJS_CASES)[number];

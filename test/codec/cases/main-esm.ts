import { esmOnly } from './esm-only.ts';
import { CJS_CASES } from './format-cases.ts';
import { report } from './report.ts';
import { runCases } from './run-cases.ts';

await report((program) => runCases(program, esmOnly, { names: CJS_CASES, reason: 'it is syntax of CommonJS' }));

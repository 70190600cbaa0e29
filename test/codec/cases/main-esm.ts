import { esmOnly } from './esm-only.ts';
import { CJS_CASES } from './format-cases.ts';
import { report } from './report.ts';

await report(esmOnly, CJS_CASES, 'it is syntax of CommonJS');

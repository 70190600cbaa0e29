import { cjsOnly } from './cjs-only.ts';
import { ESM_CASES } from './format-cases.ts';
import { report } from './report.ts';
import { runCases } from './run-cases.ts';

void report((program) => runCases(program, cjsOnly, { names: ESM_CASES, reason: 'it is syntax of ES modules' }));

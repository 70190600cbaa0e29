import { cjsOnly } from './cjs-only.ts';
import { ESM_CASES } from './format-cases.ts';
import { report } from './report.ts';

void report(cjsOnly, ESM_CASES, 'it is syntax of ES modules');

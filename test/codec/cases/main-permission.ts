import { report } from './report.ts';
import { runSections } from './run-cases.ts';
import { withoutInspector } from './without-inspector.ts';

await report((program) => runSections([withoutInspector], program));

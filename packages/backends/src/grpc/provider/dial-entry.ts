import { workAsOrdered } from './work-as-ordered.ts';

await workAsOrdered(process.argv[2]);

import { ThreadWorker } from 'poolifier';
import spin from './spin.mjs';

// biome-ignore lint/style/noDefaultExport: as its documentation has it
export default new ThreadWorker(spin);

import { ThreadWorker } from 'poolifier';

// biome-ignore lint/style/noDefaultExport: as its documentation has it
export default new ThreadWorker((x) => 10 * x ** 2);

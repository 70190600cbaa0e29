export { type PromisesFlags, promisesContract } from './promises-contract.ts';

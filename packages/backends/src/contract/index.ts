export { type BackendContractFlags, backendContract, type DeclareTest } from './backend-contract.ts';

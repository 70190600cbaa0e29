export { backendContract, type BackendContractFlags, type DeclareTest } from './backend-contract.ts';

export { type BackendContractFlags, backendContract, type DeclareTest } from './backend-contract.ts';
export { containerExecutorContract } from './container-executor-contract.ts';
export { type ProviderContractFlags, providerContract } from './provider-contract.ts';

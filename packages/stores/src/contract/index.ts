export { type DeclareTest, type StoreContractFlags, storeContract } from './store-contract.ts';

/** The part of eslint-scope that the comparison uses; the package has no types of its own. */
declare module 'eslint-scope' {
  export interface Reference {
    readonly identifier: { readonly name: string; readonly start: number; readonly end: number };
    readonly resolved: { readonly scope: { readonly block: { readonly start: number; readonly end: number } } } | null;
    readonly from: Scope;
    isWrite(): boolean;
  }
  export interface Scope {
    readonly isStrict: boolean;
    readonly references: readonly Reference[];
    readonly through: readonly Reference[];
    readonly upper: Scope | null;
    readonly block: object;
  }
  export interface ScopeManager {
    readonly scopes: readonly Scope[];
    acquire(node: object): Scope | null;
  }
  export function analyze(tree: object, options: object): ScopeManager;
}

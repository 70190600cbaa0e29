/** Entries are under this. The number changes with the format of keys or of hashes. */
export const ENTRIES = 'v1/';
/** What the codes are that are in keys: for `explain`. */
export const CODES = 'v1-code/';

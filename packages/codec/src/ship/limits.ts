/** Bytes of the files of one package, before they are packed. */
export const MAX_PACKAGE_BYTES: number = 64 * 2 ** 20;
/** Bytes of a package with all that it depends on. */
export const MAX_SHIPMENT_BYTES: number = 128 * 2 ** 20;
/** Files of one package. */
export const MAX_FILES = 50_000;

/** `12.3 MB`. */
export function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`;
}

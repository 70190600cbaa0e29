const TUNABLE = 'glibc.malloc.hugetlb';

/**
 * Has the C library of a worker ask for large pages where it allocates much at once: new memory then costs a fraction,
 * most of which is the kernel's work for each page of it. Whoever has set the tunable already is left alone; other
 * libraries than glibc 2.35 and later do not know it, and do nothing.
 */
export function hugePages(): Record<string, string> {
  if (process.platform !== 'linux') return {};
  const { GLIBC_TUNABLES: given } = process.env;
  if (given?.includes(TUNABLE)) return {};
  return { GLIBC_TUNABLES: given ? `${given}:${TUNABLE}=1` : `${TUNABLE}=1` };
}

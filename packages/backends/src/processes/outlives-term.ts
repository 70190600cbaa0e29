/**
 * Variable by which a worker process learns that SIGTERM is not for it: batch systems send it to all processes of a
 * job, and the one that has the worker then lets running tasks come to their end.
 */
export const OUTLIVES_TERM = 'JOBLOOM_OUTLIVES_TERM';

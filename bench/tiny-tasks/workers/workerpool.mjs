import workerpool from 'workerpool';

workerpool.worker({ tenSquared: (x) => 10 * x ** 2 });

import workerpool from 'workerpool';

workerpool.worker({
  moved(given) {
    given[0] += 1;
    return new workerpool.Transfer(given, [given.buffer]);
  },
  copied(given) {
    const result = given.slice();
    result[0] += 1;
    return result;
  },
});

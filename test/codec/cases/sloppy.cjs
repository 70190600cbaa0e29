exports.seven = 7;
exports.self = function () {
  return this === globalThis;
};
exports.leak = () => {
  leaked = 5;
  return globalThis.leaked;
};
exports.mapped = function (n) {
  n = 9;
  return arguments[0];
};

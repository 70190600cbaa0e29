const { ClusterWorker } = require('poolifier');

module.exports = new ClusterWorker((x) => 10 * x ** 2);

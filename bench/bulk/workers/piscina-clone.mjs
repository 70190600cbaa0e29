// biome-ignore lint/style/noDefaultExport: what piscina looks for
export default (given) => {
  const result = given.slice();
  result[0] += 1;
  return result;
};

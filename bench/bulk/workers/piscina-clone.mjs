export default (given) => {
  const result = given.slice();
  result[0] += 1;
  return result;
};

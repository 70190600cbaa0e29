// biome-ignore lint/style/noDefaultExport: what piscina looks for
export default (ms) => {
  const end = performance.now() + ms;
  while (performance.now() < end);
  return ms;
};

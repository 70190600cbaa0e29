// biome-ignore lint/style/noDefaultExport: what piscina and tinypool look for
export default (x) => 10 * x ** 2;

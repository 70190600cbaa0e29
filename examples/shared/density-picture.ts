import { svgPicture } from './svg-picture.ts';

/** A histogram of a sample as shares, and a density over it, as an SVG picture. */
export function densityPicture(
  title: string,
  sample: Float64Array,
  density: (x: number) => number,
  [from, to]: readonly [number, number],
): string {
  const bins = 50;
  const width = (to - from) / bins;
  const counts = new Float64Array(bins);
  for (const x of sample) {
    const bin = Math.floor((x - from) / width);
    if (bin >= 0 && bin < bins) counts[bin] = (counts[bin] as number) + 1;
  }
  const middles = Array.from(counts, (_, bin) => from + (bin + 0.5) * width);
  const points = (heights: ArrayLike<number>): number[][] =>
    middles.map((x, bin) => [Number(x.toFixed(4)), Number((heights[bin] as number).toFixed(4))]);
  const axis = { nameLocation: 'middle', splitLine: { lineStyle: { color: '#e5e5e5' } } } as const;
  return svgPicture(title, {
    legend: { bottom: 0 },
    xAxis: { ...axis, type: 'value', name: 'x', nameGap: 28, min: from, max: to },
    yAxis: { ...axis, type: 'value', name: 'density', nameGap: 48 },
    series: [
      {
        name: 'sample',
        type: 'bar',
        barWidth: 11,
        itemStyle: { color: '#b9cbe4' },
        data: points(counts.map((count) => count / sample.length / width)),
      },
      {
        name: 'fit',
        type: 'line',
        symbol: 'none',
        itemStyle: { color: '#d1663b' },
        data: points(middles.map(density)),
      },
    ],
  });
}

import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

/** A histogram of a sample as shares, and a density over it, as an SVG picture. */
export function densityPicture(
  title: string,
  sample: Float64Array,
  density: (x: number) => number,
  [from, to]: readonly [number, number],
): string {
  echarts.use([BarChart, LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: 720, height: 420 });
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
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: { text: title, left: 'center', textStyle: { fontSize: 15 } },
    legend: { bottom: 0 },
    grid: { left: 70, right: 30, top: 50, bottom: 75 },
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
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

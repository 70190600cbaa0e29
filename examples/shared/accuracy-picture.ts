import { LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

export interface Line {
  readonly name: string;
  readonly scores: readonly number[];
}

/** Accuracy over C as an SVG picture, C on a logarithmic axis. */
export function accuracyPicture(title: string, C: readonly number[], lines: readonly Line[]): string {
  echarts.use([LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: 720, height: 420 });
  const axis = { nameLocation: 'middle', splitLine: { lineStyle: { color: '#e5e5e5' } } } as const;
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: { text: title, left: 'center', textStyle: { fontSize: 15 } },
    legend: { bottom: 0 },
    grid: { left: 70, right: 30, top: 50, bottom: 75 },
    xAxis: {
      ...axis,
      type: 'log',
      name: 'C',
      nameGap: 28,
      axisLabel: { formatter: (c: number) => c.toExponential(0) },
    },
    yAxis: { ...axis, type: 'value', name: 'accuracy', nameGap: 48, min: 0.86, max: 0.94, interval: 0.02 },
    series: lines.map(({ name, scores }) => ({
      name,
      type: 'line',
      data: scores.map((score, at) => [C[at] as number, Number(score.toFixed(4))]),
    })),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

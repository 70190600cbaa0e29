import { LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, TitleComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

export interface Moons {
  /** Points of each class. */
  readonly classes: readonly (readonly (readonly [number, number])[])[];
  /** The border between the classes is where the product with these is zero. */
  readonly weights: readonly [number, number];
  readonly losses: readonly number[];
}

const COLORS = ['#3b6fb6', '#d1663b'] as const;

/** Where a linear classifier decides for which of two classes, and how its loss fell, as an SVG picture. */
export function moonsPicture({ classes, weights: [w1, w2], losses }: Moons): string {
  echarts.use([LineChart, ScatterChart, GridComponent, TitleComponent, SVGRenderer]);
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: 960, height: 420 });
  const border = [-1.5, 2.5].map((x) => [x, round((-w1 / w2) * x)]);
  const axis = { nameLocation: 'middle', splitLine: { lineStyle: { color: '#e5e5e5' } } } as const;
  const text = { textStyle: { fontSize: 15 }, textAlign: 'center' } as const;
  const above = w2 > 0 ? 1 : 0;
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: [
      { ...text, text: 'Logistic regression on moons', left: '26%' },
      { ...text, text: 'Loss over 100 steps', left: '77%' },
    ],
    grid: [
      { left: 55, width: 400, top: 45, bottom: 50 },
      { left: 560, right: 25, top: 45, bottom: 50 },
    ],
    xAxis: [
      { ...axis, type: 'value', name: 'x1', nameGap: 28, min: -1.5, max: 2.5, gridIndex: 0 },
      { ...axis, type: 'value', name: 'step', nameGap: 28, max: losses.length - 1, gridIndex: 1 },
    ],
    yAxis: [
      { ...axis, type: 'value', name: 'x2', nameGap: 32, min: -1, max: 1.5, gridIndex: 0 },
      { ...axis, type: 'value', name: 'loss', nameGap: 38, min: 0, gridIndex: 1 },
    ],
    series: [
      ...(['start', 'end'] as const).map((origin) => ({
        type: 'line' as const,
        data: border,
        symbol: 'none',
        lineStyle: { color: '#444444', width: 1 },
        areaStyle: { origin, color: COLORS[origin === 'end' ? above : 1 - above] as string, opacity: 0.15 },
      })),
      ...classes.map((points, k) => ({
        type: 'scatter' as const,
        symbolSize: 5,
        itemStyle: { color: COLORS[k] as string },
        data: points.map((point) => point.map(round)),
      })),
      {
        type: 'line' as const,
        xAxisIndex: 1,
        yAxisIndex: 1,
        symbol: 'none',
        lineStyle: { color: '#444444' },
        data: losses.map((loss, step) => [step, round(loss)]),
      },
    ],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

function round(value: number): number {
  return Number(value.toFixed(3));
}

import type { Curve } from '../analysis/curves.ts';
import type { ModelReport, Report } from '../analysis/report.ts';
import type { WorstPrediction } from '../analysis/worst.ts';
import { barChart, candleChart, lineChart } from './svg.ts';
import { number, type TextTable, tablesOf } from './text.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
export const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => ESCAPES[sign]!);

const STYLE = `body{font:14px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#1b1f24}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:.5rem 0 1.5rem;display:block;overflow-x:auto}
td,th{padding:.2rem .6rem;text-align:right;border-bottom:1px solid #e3e6ea;white-space:nowrap}
td:nth-child(2),th:nth-child(2){text-align:left}svg{width:100%;height:auto;background:#fafbfc}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(26rem,1fr));gap:1rem}
.warning{background:#fff4d6;padding:.5rem 1rem}h3{margin-bottom:.2rem}details{margin:.5rem 0}`;

/** The report as one page that needs nothing else: no script, no font, no host. */
export function htmlOf(report: Report): string {
  const { crunch_id, from, to, models, warnings } = report;
  const title = `Backtest of ${crunch_id}`;
  const period = from === null || to === null ? 'no records' : `${from.slice(0, 16)} to ${to.slice(0, 16)} UTC`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title><style>${STYLE}</style></head><body>
<h1>${escaped(title)}</h1><p>${period}, ${report.records} records, ${report.rounds} rounds</p>
${warnings.map((warning) => `<p class="warning">${escaped(warning)}</p>`).join('\n')}
${tablesOf(report).map(tableHtml).join('\n')}
<h2>All models</h2><div class="charts">
${chart('Sum of scores', lineChart(named(models, ({ equity }) => equity)))}
${chart('Mean score of the last 24 hours', lineChart(named(models, ({ rolling_score }) => rolling_score)))}
${chart('IC of the ranking window over time', lineChart(named(models, ({ rolling_ic }) => rolling_ic)))}
${chart('Drawdown', lineChart(named(models, ({ drawdown }) => drawdown)))}
</div>
${models.map((model) => modelHtml(model)).join('\n')}
</body></html>
`;
}

const named = (models: readonly ModelReport[], curve: (model: ModelReport) => Curve) =>
  models.map((model) => ({ name: escaped(model.model_name), points: curve(model) }));

const chart = (title: string, svg: string): string => `<figure><figcaption>${title}</figcaption>${svg}</figure>`;

function tableHtml({ title, columns, rows }: TextTable): string {
  const head = columns.map((name) => `<th>${escaped(name)}</th>`).join('');
  const body = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`).join('\n');
  return `<h2>${escaped(title)}</h2><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
}

function modelHtml({ model_name, by_hour, by_subject, diversity, failures, calibration, worst }: ModelReport): string {
  const rates = (groups: ModelReport['by_hour']) =>
    Object.entries(groups).map(([name, { hit_rate }]) => ({ name: escaped(name), value: hit_rate ?? 0 }));
  const reasons = Object.entries(failures);
  return `<h2>${escaped(model_name)}</h2>
${diversity.guidance.map(({ code, message }) => `<p>${code}: ${escaped(message)}</p>`).join('\n')}
<div class="charts">
${chart('Hit rate by hour (UTC)', barChart(rates(by_hour)))}
${chart('Hit rate by asset', barChart(rates(by_subject)))}
${calibration === null ? '' : chart(`Calibration of ${calibration.kind}: level and share below`, barChart(calibration.levels.map(({ level, observed }) => ({ name: String(level), value: observed, mark: level }))))}
</div>
${reasons.length === 0 ? '' : tableHtml({ title: 'Failures', columns: ['rounds', 'reason'], rows: reasons.map(([reason, count]) => [String(count), reason]) })}
<h3>Worst predictions</h3>${worst.map(worstHtml).join('\n')}`;
}

function worstHtml({ performed_at, resolvable_at, subject, output, score, actual, candles }: WorstPrediction): string {
  const about = `${performed_at.slice(0, 16)} ${subject}: score ${number(score)}, actual ${number(actual)}, answer ${JSON.stringify(output).slice(0, 200)}`;
  const bars = candles.flatMap(({ at, values: { open, high, low, close, price } }) => {
    const all = [open ?? price, high ?? price, low ?? price, close ?? price];
    return all.every((value) => typeof value === 'number')
      ? [{ at, values: all as [number, number, number, number] }]
      : [];
  });
  return `<details><summary>${escaped(about)}</summary>${candleChart(bars, performed_at, resolvable_at)}</details>`;
}

import { milliseconds, percent } from '../drift.ts';
import { confidenceBins, latencyBoundsMicroseconds, latencyBucketOf, sum } from '../histogram.ts';
import type { ModelResponse } from '../responses.ts';
import { column, frame, plot, plotHeight, plotWidth, roundUp, xTick, yOf } from './axes.ts';
import { html, type Markup } from './markup.ts';
import { counted } from './words.ts';

const maxClasses = 12;

/** The most frequent classes as shares of all objects, with a mark at the previous version's share. */
export function classChart({ classes }: ModelResponse, previous: ModelResponse | undefined): Markup {
  const shown = classes.slice(0, maxClasses);
  const [rowHeight, left, right] = [26, 112, 96];
  const shareBefore = new Map(previous?.classes.map(({ label, share }) => [label, share]));
  const maxShare = Math.max(...shown.map(({ label, share }) => Math.max(share, shareBefore.get(label) ?? 0)), 0.001);
  const xOf = (share: number) => left + ((plot.width - left - right) * share) / maxShare;
  const rows = shown.map(({ label, objects, share }, row) => {
    const y = row * rowHeight + 4;
    const before = shareBefore.get(label);
    const mark =
      before === undefined
        ? html``
        : html`<line class="before-mark" x1="${xOf(before)}" x2="${xOf(before)}" y1="${y - 2}" y2="${y + 20}"><title>${label} before: ${percent(before)}</title></line>`;
    return html`<text class="name" x="${left - 10}" y="${y + 13}" text-anchor="end">${label}</text>
<rect class="track" x="${left}" y="${y}" width="${plot.width - left - right}" height="18" rx="4"/>
<rect class="bar" data-class="${label}" x="${left}" y="${y}" width="${Math.max(2, xOf(share) - left)}" height="18" rx="4"><title>${label}: ${counted(objects, 'object')}</title></rect>${mark}
<text class="value" x="${plot.width - right + 10}" y="${y + 13}">${percent(share)}<tspan class="tick" dx="6">${objects.toLocaleString('en')}</tspan></text>`;
  });
  const height = Math.max(1, shown.length) * rowHeight + 4;
  return html`<svg viewBox="0 0 ${plot.width} ${height}" role="img" aria-label="Objects by class">${rows}</svg>`;
}

/** Objects by confidence, as shares of all objects; the previous version is drawn as a line. */
export function confidenceChart({ confidence }: ModelResponse, previous: ModelResponse | undefined): Markup {
  const [now, before] = [sharesOf(confidence), sharesOf(previous?.confidence ?? [])];
  const top = roundUp(Math.max(...now, ...before, 0.01));
  const width = plotWidth / confidenceBins;
  const columns = now.map((share, bin) =>
    column(plot.left + bin * width + 1.5, width - 3, share / top, 'bar', `${binName(bin)}: ${percent(share)}`),
  );
  const steps = before.map(
    (share, bin) => `H${plot.left + bin * width}V${yOf(share / top)}H${plot.left + (bin + 1) * width}`,
  );
  const line =
    before.length === 0
      ? html``
      : html`<path class="before-line" d="M${plot.left} ${yOf(0)}${steps.join('')}V${yOf(0)}"/>`;
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((at) => xTick(plot.left + plotWidth * at, percent(at)));
  return frame('Objects by confidence', top, percent, html`${columns}${line}${ticks}`);
}

/** Inferences by latency on a logarithmic axis, with the quantiles marked. */
export function latencyChart({ latency }: ModelResponse, previous: ModelResponse | undefined): Markup {
  const [now, before] = [latencyShares(latency), latencyShares(previous?.latency)];
  const used = [...now.keys(), ...before.keys()];
  if (used.length === 0) return frame('Inferences by time', 1, percent, html``);
  const [first, last] = [Math.max(0, Math.min(...used) - 2), Math.max(...used) + 2];
  const top = roundUp(Math.max(...now.values(), ...before.values()));
  const width = plotWidth / (last - first + 1);
  const xOf = (bucket: number) => plot.left + (bucket - first) * width;
  const columns = [...now].map(([bucket, share]) =>
    column(xOf(bucket) + width * 0.08, width * 0.84, share / top, 'bar', `up to ${timeOf(bucket)}: ${percent(share)}`),
  );
  const steps = Array.from({ length: last - first + 1 }, (_, index) => first + index).map(
    (bucket) => `H${xOf(bucket)}V${yOf((before.get(bucket) ?? 0) / top)}H${xOf(bucket + 1)}`,
  );
  const line =
    before.size === 0
      ? html``
      : html`<path class="before-line" d="M${plot.left} ${yOf(0)}${steps.join('')}V${yOf(0)}"/>`;
  const marks = [
    ['p50', latency.p50Microseconds] as const,
    ['p90', latency.p90Microseconds] as const,
    ['p99', latency.p99Microseconds] as const,
  ].map(([name, microseconds], row) => {
    const x = xOf(latencyBucketOf(microseconds ?? 0) + 0.5);
    const y = plot.top + 8 + row * 15;
    return html`<line class="quantile" x1="${x}" x2="${x}" y1="${y + 4}" y2="${yOf(0)}"/><text class="value" x="${x}" y="${y}" text-anchor="middle">${name} ${milliseconds(microseconds ?? 0)}</text>`;
  });
  const step = Math.max(1, Math.round((last - first) / 5));
  const ticks = [0, 1, 2, 3, 4].map((tick) => xTick(xOf(first + tick * step + 1), timeOf(first + tick * step)));
  return frame('Inferences by time', top, percent, html`${columns}${line}${marks}${ticks}`);
}

/** Images per day, stacked: with objects, and without any; the share of the latter is the label. */
export function emptiesChart({ days }: ModelResponse): Markup {
  const top = roundUp(Math.max(...days.map(({ pictures }) => pictures), 1));
  const width = plotWidth / Math.max(7, days.length);
  const barWidth = Math.min(34, width * 0.62);
  const every = Math.ceil(days.length / 10);
  const columns = days.map(({ day, pictures, empty }, index) => {
    const x = plot.left + (index + 0.5) * width - barWidth / 2;
    const label = pictures === 0 ? '' : percent(empty / pictures);
    const title = `${day}: ${counted(pictures, 'picture')}, ${empty} of them empty (${label})`;
    const height = (plotHeight * empty) / top;
    return html`${column(x, barWidth, pictures / top, 'bar', title)}
<rect class="empty-part" data-day="${day}" x="${x}" y="${yOf(0) - height}" width="${barWidth}" height="${height}"><title>${title}</title></rect>
${index % every === 0 ? html`<text class="value" x="${x + barWidth / 2}" y="${yOf(pictures / top) - 4}" text-anchor="middle">${label}</text>${xTick(x + barWidth / 2, day.slice(5))}` : html``}`;
  });
  return frame(
    'Pictures and empty results by day',
    top,
    (value) => Math.round(value).toLocaleString('en'),
    html`${columns}`,
  );
}

/** A class's confidence histogram for a table cell. */
export function sparkline(bins: readonly number[], label: string): Markup {
  const maxCount = Math.max(...bins, 1);
  const bars = bins.map(
    (count, bin) =>
      html`<rect class="bar" x="${bin * 5}" y="${24 - (22 * count) / maxCount}" width="4" height="${(22 * count) / maxCount}"/>`,
  );
  return html`<svg class="spark" viewBox="0 0 100 24" role="img" aria-label="${label} by confidence"><line class="grid" x1="0" x2="100" y1="23.5" y2="23.5"/>${bars}</svg>`;
}

function sharesOf(counts: readonly number[]): readonly number[] {
  const total = Math.max(1, sum(counts));
  return counts.map((count) => count / total);
}

function latencyShares(latency: ModelResponse['latency'] | undefined): ReadonlyMap<number, number> {
  const buckets = latency?.buckets ?? [];
  const total = sum(buckets.map(({ inferences }) => inferences));
  return new Map(
    buckets.map(({ upToMicroseconds, inferences }) => [latencyBucketOf(upToMicroseconds), inferences / total]),
  );
}

const timeOf = (bucket: number) =>
  milliseconds(latencyBoundsMicroseconds[Math.min(bucket, latencyBoundsMicroseconds.length - 1)]!);
const binName = (bin: number) => `${percent(bin / confidenceBins)} to ${percent((bin + 1) / confidenceBins)} sure`;

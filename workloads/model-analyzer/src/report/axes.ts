import { html, type Markup } from './markup.ts';

/** Drawing area of the charts with two axes, in viewBox units. */
export const plot = { width: 560, height: 240, left: 46, right: 20, top: 14, bottom: 30 } as const;
export const plotWidth = plot.width - plot.left - plot.right;
export const plotHeight = plot.height - plot.top - plot.bottom;
export const yOf = (share: number) => plot.top + plotHeight * (1 - share);

/** The next round number at or above the value, for the top of an axis. */
export function roundUp(value: number): number {
  if (value <= 0) return 1;
  const magnitude = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 5, 8, 10].map((step) => step * magnitude).find((step) => step >= value * 0.999_999)!;
}

/** A chart with horizontal grid lines at 0, half and top; `top` is the value at the upper edge. */
export function frame(label: string, top: number, format: (value: number) => string, content: Markup): Markup {
  const lines = [0, 0.5, 1].map(
    (
      share,
    ) => html`<line class="grid" x1="${plot.left}" x2="${plot.width - plot.right}" y1="${yOf(share)}" y2="${yOf(share)}"/>
<text class="tick" x="${plot.left - 8}" y="${yOf(share) + 4}" text-anchor="end">${format(top * share)}</text>`,
  );
  return html`<svg viewBox="0 0 ${plot.width} ${plot.height}" role="img" aria-label="${label}">${lines}${content}</svg>`;
}

export const xTick = (x: number, text: string, anchor: 'start' | 'middle' | 'end' = 'middle') =>
  html`<text class="tick" x="${x}" y="${plot.height - 9}" text-anchor="${anchor}">${text}</text>`;

/** A column with a rounded top; `share` (0 to 1) of the drawing area's height. */
export function column(x: number, width: number, share: number, kind: string, title: string): Markup {
  if (share <= 0) return html``;
  const [top, bottom] = [yOf(share), yOf(0)];
  const radius = Math.min(3, width / 2, bottom - top);
  return html`<path class="${kind}" d="M${x} ${bottom}V${top + radius}Q${x} ${top} ${x + radius} ${top}H${x + width - radius}Q${x + width} ${top} ${x + width} ${top + radius}V${bottom}Z"><title>${title}</title></path>`;
}

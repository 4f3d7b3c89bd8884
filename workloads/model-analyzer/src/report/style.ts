/** The report's only style sheet; the page's policy names its digest and allows no other. */
export const style = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f3f5f9, #0f131b);
  --card: light-dark(#ffffff, #181e29);
  --line: light-dark(#e0e5ee, #2a3342);
  --track: light-dark(#f0f3f8, #1f2734);
  --ink: light-dark(#1b2333, #e6ebf4);
  --faint: light-dark(#5f6a82, #95a1b8);
  --accent: light-dark(#3457d5, #7d9bff);
  --before: light-dark(#c2600a, #f2a65a);
  --empty: light-dark(#f0a6a4, #8d4247);
  --good: light-dark(#117a50, #3ecf8e);
  --busy: light-dark(#a86a00, #f0b64a);
  --bad: light-dark(#c8322f, #ff7d79);
  font: 14px / 1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1200px; padding: 24px; background: var(--ground); color: var(--ink); }
h1, h2, p, dl, dd { margin: 0; }
h1 { font-size: 22px; letter-spacing: -0.02em; }
h2 { font-size: 15px; }
a { color: var(--accent); }
small, .faint { color: var(--faint); font-weight: 400; font-size: 12px; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 16px; }
nav { display: flex; flex-wrap: wrap; gap: 8px; margin: 16px 0; }
nav a { display: flex; align-items: center; gap: 8px; padding: 5px 14px; border: 1px solid var(--line); border-radius: 99px;
  background: var(--card); color: inherit; text-decoration: none; overflow-wrap: anywhere; }
nav a[aria-current] { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); font-weight: 600; }
nav a:hover { border-color: var(--accent); }
.dot { flex: none; width: 9px; height: 9px; border-radius: 50%; background: currentColor; }
.none { color: var(--good); } .watch { color: var(--busy); } .drift { color: var(--bad); } .unknown { color: var(--faint); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 18px 20px; }
.verdict { display: grid; gap: 4px; border-left: 5px solid currentColor; }
.verdict strong { font-size: 19px; letter-spacing: -0.01em; overflow-wrap: anywhere; }
.verdict strong::first-letter { text-transform: uppercase; }
.verdict p { color: var(--faint); overflow-wrap: anywhere; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 14px; margin: 14px 0; }
.tile { padding: 14px 18px; }
.tile dt { color: var(--faint); font-size: 12px; }
.tile dd { font-size: 24px; font-weight: 650; letter-spacing: -0.02em; font-variant-numeric: tabular-nums; }
.tile dd + dd { font-size: 12px; font-weight: 400; letter-spacing: 0; color: var(--faint); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(440px, 100%), 1fr)); gap: 14px; }
.charts .card, .wide { display: grid; gap: 12px; align-content: start; }
.wide { margin-top: 14px; overflow-x: auto; }
.charts h2 { display: flex; justify-content: space-between; align-items: baseline; gap: 12px; flex-wrap: wrap; }
.key { display: inline-flex; align-items: center; vertical-align: middle; gap: 6px; margin-left: 12px; }
.key::before { content: ""; width: 12px; height: 12px; border-radius: 3px; background: var(--accent); }
.key.earlier::before { height: 3px; background: var(--before); }
.key.empties::before { background: var(--empty); }
svg { display: block; width: 100%; height: auto; }
svg text { font-size: 12px; fill: var(--ink); font-variant-numeric: tabular-nums; }
svg .tick { fill: var(--faint); font-size: 11px; }
svg .value { font-size: 11px; font-weight: 600; }
.grid { stroke: var(--line); stroke-width: 1; }
.bar { fill: var(--accent); }
.track { fill: var(--track); }
.empty-part { fill: var(--empty); }
.before-line { fill: none; stroke: var(--before); stroke-width: 2; stroke-linejoin: round; }
.before-mark { stroke: var(--before); stroke-width: 3; stroke-linecap: round; }
.quantile { stroke: var(--ink); stroke-width: 1; stroke-dasharray: 3 3; opacity: 0.6; }
table { width: 100%; min-width: 620px; border-collapse: collapse; }
th { text-align: left; color: var(--faint); font-size: 12px; font-weight: 500; }
th, td { padding: 7px 14px 7px 0; border-bottom: 1px solid var(--line); vertical-align: middle; }
th:last-child { width: 42%; }
tr:last-child td { border-bottom: 0; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.spark { width: 130px; }
.pill { display: inline-flex; align-items: center; gap: 7px; white-space: nowrap; font-weight: 600; font-size: 12px; }
footer { margin-top: 18px; color: var(--faint); font-size: 12px; }
.blank { text-align: center; padding: 64px 24px; margin-top: 16px; }
`;

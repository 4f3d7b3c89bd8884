import { createHash } from 'node:crypto';
import { describeModel, driftOf, pathOfModel } from '../describe.ts';
import { type Drift, driftThresholds, type Level, milliseconds, percent } from '../drift.ts';
import { type Model, previousOf } from '../models.ts';
import type { ModelResponse } from '../responses.ts';
import { classChart, confidenceChart, emptiesChart, latencyChart, sparkline } from './charts.ts';
import { html, Markup, nothing } from './markup.ts';
import { style } from './style.ts';
import { counted, dateOf, typeset } from './words.ts';

const styleDigest = createHash('sha256').update(style).digest('base64');

/** The page loads nothing, runs no script and cannot be framed; only its own style sheet, named by its digest, is allowed. */
export const reportHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${styleDigest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

export interface Report {
  readonly models: readonly Model[];
  /** Undefined when there are no models. */
  readonly chosen: Model | undefined;
  readonly retentionDays: number;
}

export function reportPage({ models, chosen, retentionDays }: Report): string {
  const content = chosen === undefined ? blank : html`${modelLinks(models, chosen)}${reportOf(chosen, models)}`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${chosen === undefined ? 'Models' : `${chosen.name} ${chosen.version}`} · model-analyzer</title>
<style>${new Markup(style)}</style>
</head>
<body>
<header><h1>How the models see</h1><small>Counts of the last ${counted(retentionDays, 'day')}; nothing about users or their pictures</small></header>
${content}
<footer><a href="/openapi.json">API description</a> · <a href="/v1/models">/v1/models</a>${chosen === undefined ? nothing : html` · <a href="${pathOfModel(chosen.id)}">this model as JSON</a>`}</footer>
</body>
</html>
`.text;
}

const blank = html`<div class="card blank"><h2>No model has looked at a picture yet</h2><p class="faint">The report fills itself as predictions come in.</p></div>`;

const levelClass: Readonly<Record<Drift['level'], string>> = {
  'no drift': 'none',
  watch: 'watch',
  drift: 'drift',
  'not enough data': 'unknown',
};

function modelLinks(models: readonly Model[], chosen: Model): Markup {
  const links = [...models].reverse().map((model) => {
    const { level } = driftOf(model, models);
    const current = model.id === chosen.id ? html` aria-current="page"` : nothing;
    return html`<a href="/?model=${encodeURIComponent(model.id)}"${current}><span class="dot ${levelClass[level]}" title="${level}"></span>${model.name} ${model.version}</a>`;
  });
  return html`<nav aria-label="Models, newest first">${links}</nav>`;
}

function reportOf(chosen: Model, models: readonly Model[]): Markup {
  const model = describeModel(chosen);
  const earlier = previousOf(chosen, models);
  const previous = earlier && describeModel(earlier);
  const drift = driftOf(chosen, models);
  const key = html`<small><span class="key">this version</span>${previous === undefined ? nothing : html`<span class="key earlier">before</span>`}</small>`;
  return html`<main>
${verdict(model, previous, drift)}
${tiles(model, previous)}
<div class="charts">
<section class="card"><h2>What it finds ${key}</h2>${classChart(model, previous)}</section>
<section class="card"><h2>How sure it is ${key}</h2>${confidenceChart(model, previous)}</section>
<section class="card"><h2>How long it takes ${key}</h2>${latencyChart(model, previous)}</section>
<section class="card"><h2>Empty results by day <small><span class="key">with objects</span><span class="key empties">empty</span></small></h2>${emptiesChart(model)}</section>
</div>
${drift.measures.length === 0 ? nothing : measureTable(drift)}
${model.classes.length === 0 ? nothing : classTable(model)}
</main>`;
}

function verdict(model: ModelResponse, previous: ModelResponse | undefined, { level, verdict: text }: Drift): Markup {
  const subject = `${model.id}, first seen on ${dateOf(model.firstSeenAt)}`;
  const against =
    previous === undefined
      ? ''
      : `; compared with ${previous.id}: ${counted(model.pictures, 'picture')} against ${previous.pictures.toLocaleString('en')}`;
  return html`<section class="card verdict ${levelClass[level]}" data-level="${level}"><strong>${typeset(text)}</strong><p>${subject}${against}</p></section>`;
}

function tiles(model: ModelResponse, previous: ModelResponse | undefined): Markup {
  const failed = ({ failures }: ModelResponse) => failures.reduce((total, { pictures }) => total + pictures, 0);
  const perPicture = ({ objects, pictures }: ModelResponse) => (pictures === 0 ? '–' : (objects / pictures).toFixed(2));
  const time = (microseconds: number | null) => (microseconds === null ? '–' : milliseconds(microseconds));
  const figures: readonly (readonly [string, (of: ModelResponse) => string])[] = [
    ['Pictures', ({ pictures }) => pictures.toLocaleString('en')],
    ['Objects in a picture', perPicture],
    ['Empty results', ({ empty }) => percent(empty.share)],
    ['Median time', ({ latency }) => time(latency.p50Microseconds)],
    ['99 % take at most', ({ latency }) => time(latency.p99Microseconds)],
    ['Pictures not readable', (of) => failed(of).toLocaleString('en')],
  ];
  const tile = ([name, figure]: (typeof figures)[number]) =>
    html`<div class="card tile"><dt>${name}</dt><dd>${figure(model)}</dd>${previous === undefined ? nothing : html`<dd>before: ${figure(previous)}</dd>`}</div>`;
  return html`<dl class="tiles">${figures.map(tile)}</dl>`;
}

const measureNames = {
  emptyShare: ['Empty results', 'change in points'],
  classMix: ['Mix of classes', 'population stability index'],
  confidence: ['Confidences', 'population stability index'],
  latency: ['Median time', 'change'],
} as const;

function measureTable({ measures }: Drift): Markup {
  const rows = measures.map(({ name, level, value, watchFrom, driftFrom, text }) => {
    const [title, unit] = measureNames[name];
    const format = unit.startsWith('change') ? percent : (number: number) => number.toFixed(2);
    return html`<tr><td>${title} <small>${unit}</small></td><td class="number">${format(value)}</td><td class="number faint">${format(watchFrom)}</td><td class="number faint">${format(driftFrom)}</td><td>${pill(level)}</td><td>${typeset(text)}</td></tr>`;
  });
  return html`<section class="card wide"><h2>Against the version before</h2><table><thead><tr><th>Measure</th><th class="number">Value</th><th class="number">Watch from</th><th class="number">Drift from</th><th>Verdict</th><th>In words</th></tr></thead><tbody>${rows}</tbody></table>
<p class="faint">A difference that chance alone would give counts as no drift (${String(driftThresholds.standardErrors)} standard errors).</p></section>`;
}

const pill = (level: Level) => html`<span class="pill ${levelClass[level]}"><span class="dot"></span>${level}</span>`;

function classTable({ classes }: ModelResponse): Markup {
  const rows = classes.map(
    ({ label, objects, share, meanConfidence, confidence }) =>
      html`<tr><td>${label}</td><td class="number">${objects.toLocaleString('en')}</td><td class="number">${percent(share)}</td><td class="number">${percent(meanConfidence)}</td><td>${sparkline(confidence, label)}</td></tr>`,
  );
  return html`<section class="card wide"><h2>Every class</h2><table><thead><tr><th>Class</th><th class="number">Objects</th><th class="number">Share</th><th class="number">Mean confidence</th><th>Confidence, 0 % to 100 %</th></tr></thead><tbody>${rows}</tbody></table></section>`;
}

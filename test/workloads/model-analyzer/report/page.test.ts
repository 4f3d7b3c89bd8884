import { type HttpServer, startHttpServer } from '@stepkube/shared/service/http-server.ts';
import { pino } from 'pino';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '#support/browser.ts';
import { eventsOf, modelsAfter, usualBehavior } from '#support/workloads/analysis-events.ts';
import { createApi } from '#workloads/model-analyzer/src/api.ts';

const models = modelsAfter([
  ...eventsOf(usualBehavior, 1),
  ...eventsOf({ ...usualBehavior, version: 'v2', from: '2026-11-15', emptyShare: 0.13 }, 2),
]);

let server: HttpServer;
let browser: Browser;
let page: Page;
/** Errors of the page and everything that the browser logs. */
const messages: string[] = [];
const requests: string[] = [];

beforeAll(async () => {
  const log = pino({ enabled: false });
  const app = createApi({ readModels: async () => models, retentionDays: 14, log, onRequest: () => {} });
  server = await startHttpServer({ host: '127.0.0.1', port: 0, app });
  browser = await launchBrowser();
  page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.on('pageerror', (error) => messages.push(error.message));
  // The browser logs what the content security policy blocks.
  page.on('console', (message) => messages.push(message.text()));
  page.on('request', (request) => requests.push(new URL(request.url()).pathname));
  await page.goto(`http://127.0.0.1:${server.port}/`);
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

const chart = (name: string) => page.getByRole('img', { name, exact: true });
/** The number of visible marks in a chart. */
const drawn = (name: string, mark: string) =>
  chart(name)
    .locator(mark)
    .evaluateAll((marks) => {
      const boxes = marks.map((one) => one.getBoundingClientRect());
      return boxes.filter(({ width, height }) => width > 0 && height > 0).length;
    });

describe('report of model-analyzer', () => {
  it('the report begins with the verdict on the newest model version', async () => {
    const verdict = page.locator('.verdict');
    expect(await verdict.getAttribute('data-level')).toBe('drift');
    expect(await verdict.locator('strong').textContent()).toMatch(/^drift: more empty results \(4\s%\sto 1\d\s%\)$/);
    expect(await verdict.locator('p').textContent()).toContain('compared with demo@v1#763100000000');
  });

  it('charts show classes, confidences, inference times and days, compared with the version before', async () => {
    expect(await drawn('Objects by class', '.bar')).toBe(8);
    expect(await drawn('Objects by class', '.name')).toBe(8);
    expect(await drawn('Objects by confidence', '.bar')).toBeGreaterThan(10);
    expect(await drawn('Objects by confidence', '.before-line')).toBe(1);
    expect(await drawn('Inferences by time', '.bar')).toBeGreaterThan(8);
    expect(await chart('Inferences by time').locator('.value').allTextContents()).toEqual([
      expect.stringMatching(/^p50 4\d/),
      expect.stringMatching(/^p90 \d\d/),
      expect.stringMatching(/^p99 \d\d/),
    ]);
    expect(await drawn('Pictures and empty results by day', '.bar')).toBe(7);
    expect(await drawn('Pictures and empty results by day', '.empty-part')).toBe(7);
  });

  it('no mark is drawn outside of its chart', async () => {
    const outside = await page.locator('.charts svg').evaluateAll((charts) =>
      charts.flatMap((svg) => {
        const frame = svg.getBoundingClientRect();
        return [...svg.querySelectorAll('*')]
          .filter(({ tagName }) => tagName !== 'title')
          .map((mark) => ({ mark: mark.outerHTML, box: mark.getBoundingClientRect() }))
          .filter(({ box }) => box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1)
          .map(({ mark }) => mark);
      }),
    );
    expect(outside).toEqual([]);
  });

  it('the report follows the light or dark color scheme', async () => {
    const colors = async (colorScheme: 'light' | 'dark') => {
      await page.emulateMedia({ colorScheme });
      return page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    };
    expect([await colors('light'), await colors('dark')]).toEqual(['rgb(243, 245, 249)', 'rgb(15, 19, 27)']);
  });

  it('the report fits the width of a phone', async () => {
    await page.setViewportSize({ width: 390, height: 800 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  });

  it('links lead to the reports of other model versions', async () => {
    await page.getByRole('link', { name: 'demo v1' }).click();
    await page.locator('.verdict[data-level="not enough data"]').waitFor();
    expect(await page.locator('nav a[aria-current]').textContent()).toBe('demo v1');
  });

  it('the report loads no other files, and the browser logs nothing', () => {
    expect(new Set(requests.filter((path) => path !== '/favicon.ico'))).toEqual(new Set(['/']));
    expect(messages).toEqual([]);
  });
});

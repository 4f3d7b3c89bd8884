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
const complaints: string[] = [];
const requests: string[] = [];

beforeAll(async () => {
  const log = pino({ enabled: false });
  const app = createApi({ readModels: async () => models, retentionDays: 14, log, onRequest: () => {} });
  server = await startHttpServer({ host: '127.0.0.1', port: 0, app });
  browser = await launchBrowser();
  page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.on('pageerror', (error) => complaints.push(error.message));
  // Whatever the page's policy refuses is said here.
  page.on('console', (message) => complaints.push(message.text()));
  page.on('request', (request) => requests.push(new URL(request.url()).pathname));
  await page.goto(`http://127.0.0.1:${server.port}/`);
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

const chart = (name: string) => page.getByRole('img', { name, exact: true });
const drawn = async (name: string, mark: string) => {
  const marks = await chart(name).locator(mark).all();
  const boxes = await Promise.all(marks.map((some) => some.boundingBox()));
  return boxes.filter((box) => box !== null && box.width > 0 && box.height > 0).length;
};

describe("model-analyzer's report", () => {
  it('says first what to think of the newest version', async () => {
    const verdict = page.locator('.verdict');
    expect(await verdict.getAttribute('data-level')).toBe('drift');
    expect(await verdict.locator('strong').textContent()).toMatch(/^drift: more empty results \(4\s%\sto 1\d\s%\)$/);
    expect(await verdict.locator('p').textContent()).toContain('compared with demo@v1#763100000000');
  });

  it('draws classes, confidences, times and days, with the version before in the same charts', async () => {
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

  it('draws nothing outside of the charts', async () => {
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

  it('is styled by its own sheet, light or dark', async () => {
    const colours = async (colorScheme: 'light' | 'dark') => {
      await page.emulateMedia({ colorScheme });
      return page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    };
    expect([await colours('light'), await colours('dark')]).toEqual(['rgb(243, 245, 249)', 'rgb(15, 19, 27)']);
  });

  it('fits a phone', async () => {
    await page.setViewportSize({ width: 390, height: 800 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  });

  it('leads to the other versions', async () => {
    await page.getByRole('link', { name: 'demo v1' }).click();
    await page.locator('.verdict[data-level="not enough data"]').waitFor();
    expect(await page.locator('nav a[aria-current]').textContent()).toBe('demo v1');
  });

  it('loads nothing but itself, and the browser has nothing to say', () => {
    expect(new Set(requests.filter((path) => path !== '/favicon.ico'))).toEqual(new Set(['/']));
    expect(complaints).toEqual([]);
  });
});

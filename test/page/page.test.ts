import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Twin } from '#local/twin.ts';
import { launchBrowser } from '#support/browser.ts';
import { samplesFolder, startTestTwin } from '#support/twin.ts';

let twin: Twin;
let browser: Browser;
let page: Page;
/** Errors of the page and messages that the browser logs as errors. */
const errors: string[] = [];

beforeAll(async () => {
  [twin, browser] = await Promise.all([startTestTwin(), launchBrowser()]);
  page = await browser.newPage({ viewport: { width: 1360, height: 860 } });
  page.setDefaultTimeout(90_000);
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.goto(twin.url);
});
afterAll(() => Promise.all([browser?.close(), twin?.stop()]));

describe('page of the twin', () => {
  it('the page shows the states of an execution and the instances, nodes and pods as they come up', async () => {
    await page.getByText('Nothing has been started yet.').waitFor();
    await fetch(`${twin.url}/api/executions`, { method: 'POST' });
    await page.locator('[data-state="InstallRuntime"][data-status="running"]').waitFor();
    await page.locator('[data-instance]').nth(2).waitFor();
    await page.locator('[data-state="ApplyWorkloads"][data-status="succeeded"]').waitFor();
    await page.locator('.execution .status.succeeded').waitFor();
    expect(await page.locator('.instance .badge.good').count()).toBe(3);
    expect(await page.locator('[data-pod^="yolo5"] .dot.succeeded').count()).toBeGreaterThan(0);
  });

  it('the chat shows the annotated picture and the detected objects for an uploaded photo', async () => {
    await page.locator('.composer input[type=file]').setInputFiles(join(samplesFolder, 'street.jpg'));
    const answer = page.locator('.message.bot[data-reply-to]').last();
    await answer.locator('img').waitFor();
    expect(
      await answer.locator('img').evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth)),
    ).toBeGreaterThan(100);
    expect(await answer.locator('p').first().textContent()).toMatch(/%/);
  });

  it('several photos are sent as an album with the text as caption, and each gets an answer', async () => {
    await page.getByLabel('Message').fill('our street and the park');
    const photos = ['street.jpg', 'park.jpg'].map((name) => join(samplesFolder, name));
    await page.locator('.composer input[type=file]').setInputFiles(photos);
    const first = page.locator('.message.user', { hasText: 'our street and the park' });
    const firstId = Number(await first.getAttribute('data-message'));
    for (const id of [firstId, firstId + 1]) await page.locator(`.message.bot[data-reply-to="${id}"] img`).waitFor();
    expect(await page.getByLabel('Message').inputValue()).toBe('');
  });

  it('the chat shows the answer to a command', async () => {
    await page.getByLabel('Message').fill('/help');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.locator('.message.bot', { hasText: 'photo' }).last().waitFor();
  });

  it('the page says what is simulated and logs no errors', async () => {
    expect(await page.locator('header').textContent()).toContain('simulated');
    expect(errors).toEqual([]);
  });
});

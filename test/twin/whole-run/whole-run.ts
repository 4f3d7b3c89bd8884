import type { Browser, Page } from 'playwright-core';
import type { Twin } from '#local/twin.ts';
import { launchBrowser } from '#support/browser.ts';
import { startTestTwin } from '#support/twin.ts';

/** One twin from its start to its end with its page in a real browser, which the parts of the test follow each other on. */
export class WholeRun {
  twin!: Twin;
  page!: Page;
  /** Errors of the page and messages that the browser logs as errors. */
  readonly pageErrors: string[] = [];
  #browser: Browser | undefined;

  async start(): Promise<void> {
    [this.twin, this.#browser] = await Promise.all([startTestTwin(), launchBrowser()]);
    this.page = await this.#browser.newPage({ viewport: { width: 1360, height: 860 } });
    this.page.setDefaultTimeout(90_000);
    this.page.on('pageerror', (error) => this.pageErrors.push(error.message));
    this.page.on('console', (message) => message.type() === 'error' && this.pageErrors.push(message.text()));
    await this.page.goto(this.twin.url);
  }

  async stop(): Promise<void> {
    await this.#browser?.close();
    await this.twin?.stop();
  }
}

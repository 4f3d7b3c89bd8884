import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { samplesFolder } from '#support/twin.ts';
import type { WholeRun } from './whole-run.ts';

/** Starts the first execution by the page, and sees the cluster grow. */
export function describeProvisioningOnPage(run: WholeRun): void {
  describe('page of the twin', () => {
    it('the page shows the states of an execution and the instances, nodes and pods as they come up', async () => {
      await run.page.getByText('Nothing has been started yet.').waitFor();
      await fetch(`${run.twin.url}/api/executions`, { method: 'POST' });
      await run.page.locator('[data-state="InstallRuntime"][data-status="running"]').waitFor();
      await run.page.locator('[data-instance]').nth(2).waitFor();
      await run.page.locator('[data-state="ApplyWorkloads"][data-status="succeeded"]').waitFor();
      await run.page.locator('.execution .status.succeeded').waitFor();
      expect(await run.page.locator('.instance .badge.good').count()).toBe(3);
      expect(await run.page.locator('[data-pod^="yolo5"] .dot.succeeded').count()).toBeGreaterThan(0);
    });

    it("a click on a state shows its input, its output and the command's output", async () => {
      await run.page.getByRole('button', { name: 'Install runtime' }).click();
      const inspector = run.page.getByRole('region', { name: 'State Install runtime' });
      await inspector.getByText(/^Command [0-9a-f-]+ on i-[0-9a-f]{17}: Success$/).waitFor();
      expect(await inspector.locator('pre').first().textContent()).toContain('containerd');
      await inspector.getByText('Input').click();
      expect(await inspector.locator('pre').last().textContent()).toContain('"controlPlane"');
      await inspector.getByRole('button', { name: 'Close' }).click();
      await inspector.waitFor({ state: 'detached' });
    });
  });
}

/** Photos and words by the page's chat. */
export function describeChat(run: WholeRun): void {
  describe('the chat of the page', () => {
    it('the chat shows the annotated picture and the detected objects for an uploaded photo', async () => {
      await run.page.locator('.composer input[type=file]').setInputFiles(join(samplesFolder, 'street.jpg'));
      const answer = run.page.locator('.message.bot[data-reply-to]').last();
      await answer.locator('img').waitFor();
      expect(
        await answer
          .locator('img')
          .evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth)),
      ).toBeGreaterThan(100);
      expect(await answer.locator('p').first().textContent()).toMatch(/%/);
    });

    it('several photos are sent as an album with the text as caption, and each gets an answer', async () => {
      await run.page.getByLabel('Message').fill('our street and the park');
      const photos = ['street.jpg', 'park.jpg'].map((name) => join(samplesFolder, name));
      await run.page.locator('.composer input[type=file]').setInputFiles(photos);
      const first = run.page.locator('.message.user', { hasText: 'our street and the park' });
      const firstId = Number(await first.getAttribute('data-message'));
      for (const id of [firstId, firstId + 1])
        await run.page.locator(`.message.bot[data-reply-to="${id}"] img`).waitFor();
      expect(await run.page.getByLabel('Message').inputValue()).toBe('');
    });

    it('the chat shows the answer to a command', async () => {
      await run.page.getByLabel('Message').fill('/help');
      await run.page.getByRole('button', { name: 'Send', exact: true }).click();
      await run.page.locator('.message.bot', { hasText: 'photo' }).last().waitFor();
    });

    it('the page says what is simulated and logs no errors', async () => {
      expect(await run.page.locator('header').textContent()).toContain('simulated');
      expect(run.pageErrors).toEqual([]);
    });
  });
}

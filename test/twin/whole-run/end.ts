import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { clientOptions, type Twin } from '#local/twin.ts';
import { historyOf, processesUnder } from '#support/twin.ts';
import { secretNames } from './secret-names.ts';
import type { WholeRun } from './whole-run.ts';

/** What must not be found anywhere, and what stopping leaves. */
export function describeEnd(run: WholeRun): void {
  describe('secrets', () => {
    it('no secret appears in a history, a log, a command or on the page', async () => {
      const { token, webhookSecret } = run.twin.telegram;
      const secrets = [token, webhookSecret!, ...(await storedSecrets(run.twin))];
      expect(secrets.length).toBeGreaterThanOrEqual(6);
      const produced = await everythingProduced(run.twin);
      expect(produced.size).toBeGreaterThan(10);
      for (const [source, text] of produced) {
        for (const secret of secrets) expect(text.includes(secret), `a secret in ${source}`).toBe(false);
      }
    });
  });

  describe('stopping', () => {
    it('stopping the twin leaves no process, port or folder', async () => {
      const { root } = run.twin.context;
      const { url, cloud } = run.twin;
      expect((await processesUnder(root)).length).toBeGreaterThan(0);
      await run.twin.stop();
      expect(await processesUnder(root)).toEqual([]);
      expect(existsSync(root)).toBe(false);
      for (const address of [url, cloud.endpoint, run.twin.telegram.apiRoot])
        await expect(fetch(address)).rejects.toThrow();
    });
  });
}

/** The secret part of each stored secret: webhook secret, join token, client keys. */
async function storedSecrets(twin: Twin): Promise<string[]> {
  const client = new SecretsManagerClient(clientOptions(twin.cloud));
  const values = await Promise.all(
    secretNames.map(async (SecretId) => (await client.send(new GetSecretValueCommand({ SecretId }))).SecretString!),
  );
  const patterns = [/"token":"([^"]+)"/, /client-key-data: "?([\w+/=]+)/];
  return values.flatMap((value) => patterns.flatMap((pattern) => pattern.exec(value)?.[1] ?? []));
}

/** Histories of all executions, every log file of the run, and what the page gets. */
async function everythingProduced(twin: Twin): Promise<Map<string, string>> {
  const produced = new Map<string, string>();
  for (const { arn } of twin.cloud.view().executions) produced.set(arn, JSON.stringify(await historyOf(twin, arn)));
  const entries = await readdir(twin.context.root, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((candidate) => candidate.isFile() && candidate.name.endsWith('.log'))) {
    const file = join(entry.parentPath, entry.name);
    produced.set(file, await readFile(file, 'utf8'));
  }
  const page = await fetch(`${twin.url}/api/snapshots`);
  const { value } = await page.body!.getReader().read();
  produced.set('the page', new TextDecoder().decode(value));
  return produced;
}

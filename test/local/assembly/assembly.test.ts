import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import config from '#cluster.config.ts';
import { parseConfig } from '#infra/config.ts';
import { assemble } from '#local/assembly/assembly.ts';
import { configInput } from '#support/infra.ts';
import { processesUnder } from '#support/twin.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stepkube-assembly-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** No other run has this configuration, so that nothing is cached. */
const fresh = () => parseConfig(configInput({ clusterName: `fresh-${process.pid}-${Date.now().toString(36)}` }));

describe('assemble', () => {
  it('an assembly of the same sources and configuration comes from the cache, without a run of the app', async () => {
    const own = parseConfig(config);
    const read = async (name: string) => {
      await assemble(own, join(folder, name), AbortSignal.timeout(60_000));
      return readFile(join(folder, name, `${own.clusterName}.template.json`), 'utf8');
    };
    const first = await read('first');
    expect(JSON.parse(first).Outputs.ClusterName.Value).toBe(own.clusterName);
    const { execPath } = process;
    // The program that would run the app.
    process.execPath = '/bin/false';
    try {
      expect(await read('second')).toBe(first);
      await expect(assemble(fresh(), folder, AbortSignal.timeout(60_000))).rejects.toThrow('the CDK app failed');
    } finally {
      process.execPath = execPath;
    }
  });

  it('an assembly that is stopped while the app is synthesized leaves no process and no file', async () => {
    const stopping = new AbortController();
    const other = fresh();
    const assembling = assemble(other, folder, stopping.signal);
    assembling.catch(() => undefined);
    await expect.poll(() => processesUnder('infra/synthesize.ts'), { timeout: 20_000 }).not.toEqual([]);
    stopping.abort();
    await expect(assembling).rejects.toThrow('abort');
    expect(await processesUnder('infra/synthesize.ts')).toEqual([]);
    await expect(readFile(join(folder, `${other.clusterName}.template.json`))).rejects.toThrow('ENOENT');
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { parseConfig } from '#infra/config.ts';
import { assemble } from '#local/assembly/assembly.ts';
import config from '../../cluster.config.ts';
import './twin.ts';

/** Synthesizes the app and bundles the services once for all twins of a test run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'stepkube-test-assembly-'));
  await assemble(parseConfig(config), folder, AbortSignal.timeout(120_000));
  project.provide('assemblyFolder', folder);
  return () => rm(folder, { recursive: true, force: true });
}

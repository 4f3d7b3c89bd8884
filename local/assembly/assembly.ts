import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildService } from '@stepkube/tools/build-service.ts';
import { BundleCache } from '@stepkube/tools/bundle-cache.ts';
import { projectPath } from '@stepkube/tools/project-path.ts';
import type { ClusterConfig } from '../../infra/config.ts';
import { workloadNames } from '../../infra/lib/workload-names.ts';
import { bundleFolder } from './images.ts';

const program = projectPath('infra', 'synthesize.ts');

/** The CDK app could not be synthesized; the message has its output. */
export class SynthesisError extends Error {
  override readonly name = 'SynthesisError';
}

/**
 * Writes the cloud assembly and the services' bundles into a folder; the CDK runs in a process of its own.
 * When this settles, also with an error, nothing writes to the folder any more.
 * @throws SynthesisError, or AbortError when the signal is aborted
 */
export async function assemble(config: ClusterConfig, folder: string, signal: AbortSignal): Promise<void> {
  // Before both write into it.
  await mkdir(folder, { recursive: true });
  const results = await Promise.allSettled([
    synthesize(config, folder, signal),
    ...workloadNames.map((service) => buildService(service, bundleFolder(folder, service))),
  ]);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

/** What the app reads. */
const sources = [
  'infra/**',
  'lambdas/**',
  'ssm-documents/**',
  'state-machines/**',
  'tools/**',
  'workloads/**',
  'package.json',
  'tsconfig.base.json',
];

/** Takes the assembly of the same sources and configuration out of the cache, if there is one: the CDK needs seconds of CPU time. */
async function synthesize(config: ClusterConfig, folder: string, signal: AbortSignal): Promise<void> {
  const cache = new BundleCache('assembly', sources, { settings: JSON.stringify(config), kept: 2 });
  const cached = cache.folder();
  if (!existsSync(cached)) {
    const created = cache.createFolder();
    // A CDK process that is killed does not remove its temporary files.
    const temporaryFolder = await mkdtemp(join(tmpdir(), 'stepkube-synthesis-'));
    try {
      await runApp(config, created, temporaryFolder, signal);
      cache.store(created, cached);
    } finally {
      for (const left of [created, temporaryFolder]) await rm(left, { recursive: true, force: true });
    }
  }
  signal.throwIfAborted();
  await cp(cached, folder, { recursive: true });
}

function runApp(config: ClusterConfig, folder: string, temporaryFolder: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, folder], {
      env: { ...process.env, TMPDIR: temporaryFolder },
      stdio: ['pipe', 'ignore', 'pipe'],
      signal,
    });
    let stderr = '';
    let failure: Error | undefined;
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk));
    child.once('error', (error) => {
      failure = error;
    });
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(failure ?? new SynthesisError(`the CDK app failed (exit ${code})\n${stderr.trim()}`));
    });
    child.stdin.on('error', () => {}); // EPIPE when the process ends early: 'close' reports that
    child.stdin.end(JSON.stringify(config));
  });
}

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildService } from '@stepkube/tools/build-service.ts';
import { projectPath } from '@stepkube/tools/project-path.ts';
import type { ClusterConfig } from '../../infra/config.ts';
import { workloadNames } from '../../infra/lib/workload-names.ts';
import { bundlePath } from './images.ts';

const program = projectPath('infra', 'synthesize.ts');

/** The CDK app could not be synthesized; the message is what it printed. */
export class SynthesisError extends Error {
  override readonly name = 'SynthesisError';
}

/**
 * Writes the cloud assembly and the services' bundles into a folder. The CDK runs beside, in a process of its own.
 * Nothing writes there any more once this has ended, however it ended. @throws SynthesisError, the signal's AbortError
 */
export async function assemble(config: ClusterConfig, folder: string, signal: AbortSignal): Promise<void> {
  const parts = await Promise.allSettled([
    synthesize(config, folder, signal),
    ...workloadNames.map((service) => buildService(service, bundlePath(folder, service))),
  ]);
  for (const part of parts) if (part.status === 'rejected') throw part.reason;
}

async function synthesize(config: ClusterConfig, folder: string, signal: AbortSignal): Promise<void> {
  // A CDK process that is stopped cannot remove what it was bundling.
  const temporaryFolder = await mkdtemp(join(tmpdir(), 'stepkube-synthesis-'));
  try {
    await runApp(config, folder, temporaryFolder, signal);
  } finally {
    await rm(temporaryFolder, { recursive: true, force: true });
  }
}

function runApp(config: ClusterConfig, folder: string, temporaryFolder: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, folder], {
      env: { ...process.env, TMPDIR: temporaryFolder },
      stdio: ['pipe', 'ignore', 'pipe'],
      signal,
    });
    let printed = '';
    let failure: Error | undefined;
    child.stderr.on('data', (chunk: Buffer) => (printed += chunk));
    child.once('error', (error) => {
      failure = error;
    });
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(failure ?? new SynthesisError(`the CDK app failed (exit ${code})\n${printed.trim()}`));
    });
    child.stdin.on('error', () => {}); // a process that dies first leaves its input unread; 'close' tells why
    child.stdin.end(JSON.stringify(config));
  });
}

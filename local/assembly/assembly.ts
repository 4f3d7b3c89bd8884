import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildService } from '@stepkube/tools/build-service.ts';
import { projectPath } from '@stepkube/tools/project-path.ts';
import { workloadNames } from '../../infra/lib/workload-names.ts';
import { bundlePath } from './images.ts';

const app = projectPath('infra', 'app.ts');

/** The CDK app could not be synthesized; the message is what it printed. */
export class SynthesisError extends Error {
  override readonly name = 'SynthesisError';
}

/**
 * Writes the cloud assembly and the services' bundles into a folder. The CDK runs beside, in a process of its own.
 * Nothing writes there any more once this has ended, however it ended. @throws SynthesisError, the signal's AbortError
 */
export async function assemble(folder: string, signal: AbortSignal): Promise<void> {
  const parts = await Promise.allSettled([
    synthesize(folder, signal),
    ...workloadNames.map((service) => buildService(service, bundlePath(folder, service))),
  ]);
  for (const part of parts) if (part.status === 'rejected') throw part.reason;
}

async function synthesize(folder: string, signal: AbortSignal): Promise<void> {
  // A CDK process that is stopped cannot remove what it was bundling.
  const temporaryFolder = await mkdtemp(join(tmpdir(), 'stepkube-synthesis-'));
  try {
    await runApp({ CDK_OUTDIR: folder, TMPDIR: temporaryFolder }, signal);
  } finally {
    await rm(temporaryFolder, { recursive: true, force: true });
  }
}

function runApp(environment: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [app], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'ignore', 'pipe'],
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
  });
}

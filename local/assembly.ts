import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { workloadNames } from '../infra/assets/workload-names.ts';
import { buildService } from '../workloads/shared/build.ts';
import { bundlePath } from './images.ts';

const app = join(import.meta.dirname, '../infra/app.ts');

/** The CDK app could not be synthesized; the message is what it printed. */
export class SynthesisError extends Error {
  override readonly name = 'SynthesisError';
}

/** Writes the cloud assembly and the services' bundles into a folder. The CDK runs beside, in a process of its own. */
export async function assemble(folder: string, signal: AbortSignal): Promise<void> {
  await Promise.all([
    synthesize(folder, signal),
    ...workloadNames.map((service) => buildService(service, bundlePath(folder, service))),
  ]);
}

function synthesize(folder: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [app], {
      env: { ...process.env, CDK_OUTDIR: folder },
      stdio: ['ignore', 'ignore', 'pipe'],
      signal,
    });
    let printed = '';
    child.stderr.on('data', (chunk: Buffer) => (printed += chunk));
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new SynthesisError(`the CDK app failed (exit ${code})\n${printed.trim()}`)),
    );
  });
}

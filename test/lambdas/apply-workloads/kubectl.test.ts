import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prepareKubectl } from '#lambdas/apply-workloads/kubectl.ts';
import { errorOf } from '#support/invoke-lambda.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubectl-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs a shim for kubectl. */
async function run(script: string, timeoutSeconds: number) {
  const program = join(folder, 'kubectl');
  writeFileSync(program, `#!/usr/bin/env bash\n${script}\n`, { mode: 0o755 });
  const kubectl = await prepareKubectl(program, folder, { text: 'kubeconfig', server: 'https://10.0.0.10:6443' });
  return kubectl(['get', 'pods'], { timeoutSeconds, signal: new AbortController().signal });
}

describe('kubectl', () => {
  it('a kubectl that hangs is killed and reported as ClusterUnreachableError', async () => {
    const error = await errorOf(run('exec sleep 30', 0.2));
    expect(error.name).toBe('ClusterUnreachableError');
    expect(error.message).toContain('https://10.0.0.10:6443: kubectl get pods did not end within 0.2 seconds');
  });

  it('a long error output of kubectl is quoted from its end only, so that the cause fits into the history', async () => {
    const error = await errorOf(run('head -c 100000 /dev/zero | tr "\\0" x >&2; echo "the end" >&2; exit 1', 10));
    expect(error.message.length).toBeLessThan(5_000);
    expect(error.message).toMatch(/the end$/);
  });
});

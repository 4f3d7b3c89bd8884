import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Kubeconfig } from '../shared/cluster/kubeconfig.ts';
import { ApplyFailedError, ClusterUnreachableError } from '../shared/errors.ts';

/** Runs kubectl as one user on one cluster. @returns its standard output */
export type Kubectl = (args: readonly string[], limits: KubectlLimits) => Promise<string>;

export interface KubectlLimits {
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
}

/** kubectl ended with an error, which `stderr` explains. */
export class KubectlError extends Error {
  override readonly name = 'KubectlError';
  readonly stderr: string;

  constructor(command: string, stderr: string) {
    super(`kubectl ${command}: ${stderr}`);
    this.stderr = stderr;
  }
}

/** Far above the JSON of a whole overlay. */
const maxOutputBytes = 32 * 1024 * 1024;

/** Of kubectl's error output: the cause of a failed execution holds 32,768 characters. */
const maxErrorCharacters = 4_000;

const unreachable =
  /unable to connect to the server|connection to the server .* was refused|i\/o timeout|tls handshake timeout|no route to host|connection reset|the server has asked for the client to provide credentials|you must be logged in|unauthorized|context deadline exceeded|etcdserver/i;

/**
 * Makes a home folder for kubectl inside `folder`, with a kubeconfig that only this user can read; the caller removes
 * `folder` afterwards. kubectl runs without the function's environment, because it needs none of its credentials.
 */
export async function prepareKubectl(binary: string, folder: string, kubeconfig: Kubeconfig): Promise<Kubectl> {
  const home = join(folder, 'home');
  const file = join(home, 'kubeconfig');
  await mkdir(home, { mode: 0o700 });
  await writeFile(file, kubeconfig.text, { mode: 0o600 });
  const env = { HOME: home, KUBECONFIG: file, PATH: process.env['PATH'] ?? '' };
  return (args, { timeoutSeconds, signal }) =>
    new Promise((resolve, reject) => {
      const options = { env, signal, timeout: timeoutSeconds * 1000, maxBuffer: maxOutputBytes };
      execFile(binary, args, options, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else if (error.killed === true && error.code === null)
          reject(timeoutError(args, timeoutSeconds, kubeconfig.server));
        else reject(kubectlError(args, (stderr.trim() || error.message).slice(-maxErrorCharacters), kubeconfig.server));
      });
    });
}

/** The error of a kubectl that was killed. Its own time limits are shorter, so the API did not answer at all. */
function timeoutError(args: readonly string[], timeoutSeconds: number, server: string): Error {
  const command = args.slice(0, 2).join(' ');
  return new ClusterUnreachableError(
    `the Kubernetes API at ${server}: kubectl ${command} did not end within ${timeoutSeconds} seconds`,
  );
}

function kubectlError(args: readonly string[], stderr: string, server: string): Error {
  if (unreachable.test(stderr)) return new ClusterUnreachableError(`the Kubernetes API at ${server}: ${stderr}`);
  return new KubectlError(args.slice(0, 2).join(' '), stderr);
}

/** Turns an error of `kubectl apply` into ApplyFailedError; returns other errors unchanged. */
export function asApplyFailure(error: unknown): unknown {
  return error instanceof KubectlError ? new ApplyFailedError(`the manifests were refused: ${error.stderr}`) : error;
}

/** Probes by HTTP, TCP and command, in real time: the processes that they ask are real. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { get as getSecurely } from 'node:https';
import { connect } from 'node:net';
import type { Container, Probe } from '../apimachinery/kinds.ts';

export interface ProbeTarget {
  /** Where the container's processes listen. */
  readonly address: string;
  readonly container: Container;
  /** For commands. */
  readonly workingFolder: string;
  readonly environment: Readonly<Record<string, string>>;
}

type ProbeResult = { readonly isSuccess: true } | { readonly isSuccess: false; readonly message: string };

const success: ProbeResult = { isSuccess: true };

/**
 * Probes until the signal aborts.
 * @param onResult true once successThreshold probes in a row have succeeded, false whenever failureThreshold have failed
 * @param onFailure each failed probe
 */
export function startProbe(
  probe: Probe,
  target: ProbeTarget,
  signal: AbortSignal,
  onResult: (isSuccess: boolean) => void,
  onFailure: (message: string) => void,
): void {
  let successes = 0;
  let failures = 0;
  let lastResult: boolean | undefined;
  let timer: NodeJS.Timeout | undefined;
  const attempt = async (): Promise<void> => {
    const result = await check(probe, target);
    if (signal.aborted) return;
    if (result.isSuccess) {
      successes += 1;
      failures = 0;
      if (successes >= probe.successThreshold && lastResult !== true) {
        lastResult = true;
        onResult(true);
      }
    } else {
      failures += 1;
      successes = 0;
      onFailure(result.message);
      if (failures >= probe.failureThreshold) {
        failures = 0;
        lastResult = false;
        onResult(false);
      }
    }
    if (!signal.aborted) timer = setTimeout(attempt, probe.periodSeconds * 1000);
  };
  timer = setTimeout(attempt, (probe.initialDelaySeconds ?? 0) * 1000);
  signal.addEventListener('abort', () => clearTimeout(timer));
}

async function check({ httpGet, tcpSocket, exec, timeoutSeconds }: Probe, target: ProbeTarget): Promise<ProbeResult> {
  const timeoutMilliseconds = timeoutSeconds * 1000;
  try {
    if (httpGet) return await checkHttp(httpGet, target, timeoutMilliseconds);
    if (tcpSocket) return await checkTcp(tcpSocket, target, timeoutMilliseconds);
    if (exec?.command) return await checkCommand(exec.command, target, timeoutMilliseconds);
    return success;
  } catch (error) {
    return { isSuccess: false, message: (error as Error).message };
  }
}

async function checkHttp(
  { host, port, path = '/', scheme = 'HTTP', httpHeaders = [] }: NonNullable<Probe['httpGet']>,
  { address, container }: ProbeTarget,
  timeoutMilliseconds: number,
): Promise<ProbeResult> {
  const options = {
    host: host ?? address,
    port: portNumber(port, container),
    path,
    // A connection that is kept alive would delay the shutdown of the server.
    agent: false as const,
    headers: { 'user-agent': 'kube-probe', ...Object.fromEntries(httpHeaders.map(({ name, value }) => [name, value])) },
    signal: AbortSignal.timeout(timeoutMilliseconds),
    // As kubelets do: the certificate is the container's own.
    rejectUnauthorized: false,
  };
  const request = scheme === 'HTTPS' ? getSecurely(options) : get(options);
  try {
    const [response] = await once(request, 'response');
    response.resume();
    const { statusCode } = response;
    if (statusCode >= 200 && statusCode < 400) return success;
    return { isSuccess: false, message: `HTTP probe failed with statuscode: ${statusCode}` };
  } catch (error) {
    const url = `${scheme.toLowerCase()}://${options.host}:${options.port}${path}`;
    const cause = options.signal.aborted ? 'context deadline exceeded' : (error as Error).message;
    return { isSuccess: false, message: `Get "${url}": ${cause}` };
  }
}

async function checkTcp(
  { host, port }: NonNullable<Probe['tcpSocket']>,
  { address, container }: ProbeTarget,
  timeoutMilliseconds: number,
): Promise<ProbeResult> {
  const socket = connect({ host: host ?? address, port: portNumber(port, container) });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(timeoutMilliseconds) });
    return success;
  } finally {
    socket.destroy();
  }
}

async function checkCommand(
  [program, ...args]: readonly string[],
  { workingFolder, environment }: ProbeTarget,
  timeoutMilliseconds: number,
): Promise<ProbeResult> {
  const child = spawn(program!, args, {
    cwd: workingFolder,
    env: environment,
    stdio: 'ignore',
    timeout: timeoutMilliseconds,
  });
  const [exitCode] = await once(child, 'exit');
  return exitCode === 0 ? success : { isSuccess: false, message: `command exited with ${exitCode}` };
}

function portNumber(port: number | string, { ports = [] }: Container): number {
  if (typeof port === 'number') return port;
  return ports.find(({ name }) => name === port)?.containerPort ?? Number(port);
}

/** Startup, liveness and readiness probes, in real time. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { get as getSecurely } from 'node:https';
import { connect } from 'node:net';
import type { Open } from '../apimachinery/object.ts';

export interface ProbeTarget {
  readonly podIp: string;
  readonly container: Open;
  /** For exec probes. */
  readonly workingFolder: string;
  readonly environment: Readonly<Record<string, string>>;
}

export type ProbeResult = { readonly ok: true } | { readonly ok: false; readonly message: string };

/**
 * Probes until the signal aborts. `onChange` hears of each crossing of a threshold: true after successThreshold
 * successes in a row, false after failureThreshold failures in a row (again and again while it goes on failing).
 */
export function startProbe(
  probe: Open,
  target: ProbeTarget,
  signal: AbortSignal,
  onChange: (ok: boolean, message: string) => void,
  onFailure: (message: string) => void,
): void {
  let successes = 0;
  let failures = 0;
  let last: boolean | undefined;
  const attempt = async (): Promise<void> => {
    const result = await check(probe, target);
    if (signal.aborted) return;
    if (result.ok) {
      successes += 1;
      failures = 0;
      if (successes >= probe.successThreshold && last !== true) {
        last = true;
        onChange(true, '');
      }
    } else {
      failures += 1;
      successes = 0;
      onFailure(result.message);
      if (failures >= probe.failureThreshold) {
        failures = 0;
        last = false;
        onChange(false, result.message);
      }
    }
    if (!signal.aborted) schedule(probe.periodSeconds * 1000);
  };
  let timer: NodeJS.Timeout | undefined;
  const schedule = (milliseconds: number): void => {
    timer = setTimeout(attempt, milliseconds);
  };
  schedule((probe.initialDelaySeconds ?? 0) * 1000);
  signal.addEventListener('abort', () => clearTimeout(timer));
}

async function check(probe: Open, target: ProbeTarget): Promise<ProbeResult> {
  const timeoutMilliseconds = probe.timeoutSeconds * 1000;
  try {
    if (probe.httpGet) return await checkHttp(probe.httpGet, target, timeoutMilliseconds);
    if (probe.tcpSocket) return await checkTcp(probe.tcpSocket, target, timeoutMilliseconds);
    if (probe.exec) return await checkCommand(probe.exec.command, target, timeoutMilliseconds);
    return { ok: true };
  } catch (error) {
    return { ok: false, message: (error as Error).message };
  }
}

async function checkHttp(action: Open, target: ProbeTarget, timeoutMilliseconds: number): Promise<ProbeResult> {
  const { path, scheme, host } = action;
  const port = portNumber(action.port, target.container);
  const options = {
    host: host ?? target.podIp,
    port,
    path,
    // A probe shall not keep a connection that a stopping server would wait for.
    agent: false as const,
    headers: {
      'user-agent': 'kube-probe/1.36',
      ...Object.fromEntries((action.httpHeaders ?? []).map((header: Open) => [header.name, header.value])),
    },
    signal: AbortSignal.timeout(timeoutMilliseconds),
    rejectUnauthorized: false,
  };
  const request = scheme === 'HTTPS' ? getSecurely(options) : get(options);
  try {
    const [response] = await once(request, 'response');
    response.resume();
    const ok = response.statusCode >= 200 && response.statusCode < 400;
    return ok ? { ok } : { ok, message: `HTTP probe failed with statuscode: ${response.statusCode}` };
  } catch (error) {
    const url = `${scheme.toLowerCase()}://${options.host}:${port}${path}`;
    const why = options.signal.aborted ? 'context deadline exceeded' : (error as Error).message;
    return { ok: false, message: `Get "${url}": ${why}` };
  }
}

async function checkTcp(action: Open, target: ProbeTarget, timeoutMilliseconds: number): Promise<ProbeResult> {
  const socket = connect({ host: action.host ?? target.podIp, port: portNumber(action.port, target.container) });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(timeoutMilliseconds) });
    return { ok: true };
  } finally {
    socket.destroy();
  }
}

async function checkCommand(command: string[], target: ProbeTarget, timeoutMilliseconds: number): Promise<ProbeResult> {
  const [program, ...args] = command;
  const child = spawn(program!, args, {
    cwd: target.workingFolder,
    env: target.environment,
    stdio: 'ignore',
    timeout: timeoutMilliseconds,
  });
  const [code] = await once(child, 'exit');
  return code === 0 ? { ok: true } : { ok: false, message: `command exited with ${code}` };
}

function portNumber(port: number | string, container: Open): number {
  if (typeof port === 'number') return port;
  return container.ports?.find(({ name }: Open) => name === port)?.containerPort ?? Number(port);
}

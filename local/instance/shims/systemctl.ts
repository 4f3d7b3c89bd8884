/** systemctl, systemd-inhibit, hostnamectl and journalctl. No unit has processes, except that the kubelet's is the twin's kubelet. */
import { readFile } from 'node:fs/promises';
import type { Instance } from '../state/instance.ts';
import { writeInstanceFile } from '../state/instance-files.ts';
import { loadLogind, readInhibitors, startShutdownManager } from '../state/logind.ts';
import { enable, enablement, exists, mask, setUnitState, unitExists, unitName, unitState } from '../state/units.ts';
import { parseArguments } from './arguments.ts';
import { type Shim, type ShimCall, ShimError, type ShimResult, takes } from './shim.ts';

const startSeconds = 1;

export const systemctl: Shim = async (call) => {
  const parsed = parseArguments(call.argv, {
    tool: 'systemctl',
    flags: ['quiet', 'no-pager', 'now'],
    valued: ['lines', 'property'],
  });
  const [command = '', ...names] = parsed.operands;
  const units = names.map(unitName);
  const isQuiet = parsed.options.has('quiet');
  switch (command) {
    case 'daemon-reload':
      return {};
    case 'is-active':
      return inspect(units, isQuiet, (unit) => unitState(call.instance, unit), 'active', 3);
    case 'is-enabled':
      return inspect(units, isQuiet, (unit) => enablement(call.instance, unit), 'enabled', 1);
    case 'status':
      return status(call.instance, units);
    case 'show':
      return show(call.instance, units);
    case 'mask':
      for (const unit of units) await mask(call.instance, unit);
      return {};
    case 'enable':
      for (const unit of units) await enable(call.instance, await requireUnit(call.instance, unit));
      return {};
    case 'start':
    case 'restart':
      for (const unit of units) await start(call, await requireUnit(call.instance, unit));
      return {};
    case 'stop':
      for (const unit of units) await stop(call.instance, await requireUnit(call.instance, unit));
      return {};
    default:
      throw new ShimError(`Unknown command verb '${command}' (in the twin).`);
  }
};

async function inspect(
  units: readonly string[],
  isQuiet: boolean,
  read: (unit: string) => Promise<string>,
  expected: string,
  failureExitCode: number,
): Promise<ShimResult> {
  const states = await Promise.all(units.map(read));
  const exitCode = states.every((state) => state === expected) ? 0 : failureExitCode;
  return { exitCode, stdout: isQuiet ? '' : states.map((state) => `${state}\n`).join('') };
}

/** @throws ShimError for a unit without a unit file */
async function requireUnit(instance: Instance, unit: string): Promise<string> {
  if (await unitExists(instance, unit)) return unit;
  throw new ShimError(`Unit ${unit} not found.`, 5);
}

async function start(call: ShimCall, unit: string): Promise<void> {
  const { instance } = call;
  await takes(call, startSeconds);
  if (unit === 'containerd.service' && !(await exists(instance.path('/usr/local/bin/containerd')))) {
    await setUnitState(instance, unit, 'failed');
    throw new ShimError('Job for containerd.service failed because the control process exited with error code.');
  }
  if (unit === 'systemd-logind.service') await loadLogind(instance);
  if (unit !== 'kubelet.service') return setUnitState(instance, unit, 'active');
  // Before init or join the real kubelet has no configuration and restarts every few seconds.
  const hasIdentity = await exists(instance.path('/etc/kubernetes/kubelet.conf'));
  if (hasIdentity) {
    await startShutdownManager(instance);
    await instance.cluster.startKubelet(instance.spec.instanceId);
  }
  await setUnitState(instance, unit, hasIdentity ? 'active' : 'activating');
}

async function stop(instance: Instance, unit: string): Promise<void> {
  if (unit === 'kubelet.service' && (await unitState(instance, unit)) === 'active') {
    await instance.cluster.stopKubelet(instance.spec.instanceId);
  }
  await setUnitState(instance, unit, 'inactive');
}

async function status(instance: Instance, units: readonly string[]): Promise<ShimResult> {
  const lines = await Promise.all(
    units.map(async (unit) => `● ${unit} (simulated)\n     Active: ${await unitState(instance, unit)}\n`),
  );
  return { stdout: lines.join('') };
}

async function show(instance: Instance, units: readonly string[]): Promise<ShimResult> {
  const blocks = await Promise.all(
    units.map(async (unit) => `Id=${unit}\nActiveState=${await unitState(instance, unit)}\nNRestarts=0\n`),
  );
  return { stdout: blocks.join('\n') };
}

export const hostnamectl: Shim = async ({ instance, argv: [command, name] }) => {
  if (command === 'set-hostname' && name) {
    await writeInstanceFile(instance, '/etc/hostname', `${name}\n`);
    return {};
  }
  if (command === 'hostname') return { stdout: await readFile(instance.path('/etc/hostname'), 'utf8') };
  throw new ShimError(`Unknown command verb '${command ?? ''}' (in the twin).`);
};

export const systemdInhibit: Shim = async ({ instance, argv }) => {
  parseArguments(argv, { tool: 'systemd-inhibit', flags: ['list', 'no-pager', 'no-legend'] });
  return { stdout: await readInhibitors(instance) };
};

export const journalctl: Shim = () => ({ stdout: '-- The twin keeps no journal: units are simulated. --\n' });

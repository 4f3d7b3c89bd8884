/** apt-get, apt-mark and dpkg-query: packages of Ubuntu's archive and, once its key is there, of pkgs.k8s.io. */
import { readFile, rm } from 'node:fs/promises';
import { linkProgram, linkShim, writeInstanceFile } from '../state/instance-files.ts';
import { readHolds, readPackages, writeHolds, writePackages } from '../state/packages.ts';
import { ubuntuArchive } from '../state/ubuntu-archive.ts';
import { exists } from '../state/units.ts';
import { option, parseArguments } from './arguments.ts';
import { type Shim, type ShimCall, ShimError, takes } from './shim.ts';

const kubernetesPackages = ['kubeadm', 'kubectl', 'kubelet', 'kubernetes-cni'];
const updateSeconds = 4;
const installSeconds = 12;

export const aptGet: Shim = async (call) => {
  const parsed = parseArguments(call.argv, {
    tool: 'apt-get',
    valued: ['o'],
    flags: ['yes', 'y', 'no-install-recommends', 'allow-change-held-packages'],
    usageExitCode: 100,
  });
  const [command, ...names] = parsed.operands;
  if (command === 'update') return update(call);
  if (command !== 'install') throw new ShimError(`E: Invalid operation ${command ?? ''}`, 100);
  if (!parsed.options.has('yes') && !parsed.options.has('y')) throw new ShimError('Abort.', 1);
  return install(call, names, parsed.options.has('allow-change-held-packages'));
};

async function update(call: ShimCall) {
  await takes(call, updateSeconds);
  const minor = await kubernetesMinor(call);
  await writeInstanceFile(call.instance, '/var/lib/apt/lists/shim', minor ?? '');
  return { stdout: 'Reading package lists...\n' };
}

/** The minor version of the pkgs.k8s.io repository in the instance's sources, e.g. '1.36'; undefined without one. */
async function kubernetesMinor({ instance }: ShimCall): Promise<string | undefined> {
  const source = await readFile(instance.path('/etc/apt/sources.list.d/kubernetes.list'), 'utf8').catch(() => '');
  const match = /^deb \[signed-by=(\S+)\] https:\/\/pkgs\.k8s\.io\/core:\/stable:\/v(\d+\.\d+)\/deb\/ \/$/m.exec(
    source,
  );
  if (match === null) return undefined;
  const [, key, minor] = match;
  if (!(await exists(instance.path(key!)))) {
    throw new ShimError(`E: The repository 'https://pkgs.k8s.io' is not signed: ${key} is missing`, 100);
  }
  return minor;
}

async function install(call: ShimCall, names: readonly string[], mayChangeHeld: boolean) {
  const { instance } = call;
  if (await exists(instance.path(interruptedFile)))
    throw new ShimError(
      "E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem.",
      100,
    );
  const minor = await readFile(instance.path('/var/lib/apt/lists/shim'), 'utf8').catch(() => '');
  const holds = await readHolds(instance);
  const packages: Record<string, string> = { ...(await readPackages(instance)) };
  for (const name of names) {
    const [packageName = '', requestedVersion] = name.split('=');
    if (holds.includes(packageName) && !mayChangeHeld) {
      throw new ShimError('E: Held packages were changed and -y was used without --allow-change-held-packages.', 100);
    }
    packages[packageName] = candidate(packageName, requestedVersion, minor);
  }
  await takes(call, installSeconds);
  for (const name of names) await unpack(call, name.split('=')[0]!);
  await writePackages(instance, packages);
  return { stdout: names.map((name) => `Setting up ${name} (simulated) ...\n`).join('') };
}

/** The version that would be installed. @throws ShimError when no repository has it */
function candidate(name: string, requestedVersion: string | undefined, minor: string): string {
  if (kubernetesPackages.includes(name) && minor !== '') {
    const isOffered =
      name === 'kubernetes-cni' ? requestedVersion !== undefined : requestedVersion?.startsWith(`${minor}.`);
    if (requestedVersion !== undefined && isOffered) return requestedVersion;
    throw new ShimError(`E: Version '${requestedVersion ?? ''}' for '${name}' was not found`, 100);
  }
  const version = ubuntuArchive[name];
  if (version === undefined) throw new ShimError(`E: Unable to locate package ${name}`, 100);
  return requestedVersion ?? version;
}

async function unpack({ instance }: ShimCall, name: string): Promise<void> {
  if (name === 'kubectl') await linkProgram(instance, '/usr/bin/kubectl', instance.kubectlPath);
  if (name === 'kubeadm' || name === 'unzip' || name === 'curl') await linkShim(instance, `/usr/bin/${name}`);
  if (name === 'kubelet') {
    await writeInstanceFile(
      instance,
      '/usr/lib/systemd/system/kubelet.service',
      '[Unit]\nDescription=kubelet (simulated)\n',
    );
  }
}

export const aptMark: Shim = async ({ instance, argv: [command, ...names] }) => {
  const holds = await readHolds(instance);
  if (command === 'showhold') return { stdout: holds.map((name) => `${name}\n`).join('') };
  if (command !== 'hold') throw new ShimError(`E: Invalid operation ${command ?? ''}`, 100);
  const installed = await readPackages(instance);
  const missing = names.find((name) => installed[name] === undefined);
  if (missing !== undefined) throw new ShimError(`E: Can't select installed version of package ${missing}`, 100);
  await writeHolds(instance, [...new Set([...holds, ...names])].sort());
  return { stdout: names.map((name) => `${name} set on hold.\n`).join('') };
};

/** The file stands for packages that were unpacked and not configured when dpkg was killed. */
const interruptedFile = '/var/lib/dpkg/updates/0000';

export const dpkg: Shim = async ({ instance, argv }) => {
  parseArguments(argv, { tool: 'dpkg', flags: ['configure', 'a', 'force-confold'] });
  await rm(instance.path(interruptedFile), { force: true });
  return {};
};

export const dpkgQuery: Shim = async ({ instance, argv }) => {
  const parsed = parseArguments(argv, { tool: 'dpkg-query', flags: ['show'], valued: ['showformat'] });
  const [name = ''] = parsed.operands;
  const version = (await readPackages(instance))[name];
  if (version === undefined) throw new ShimError(`dpkg-query: no packages found matching ${name}`);
  return { stdout: (option(parsed, 'showformat') ?? '${Version}\n').replace('${Version}', version) };
};

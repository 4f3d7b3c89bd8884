/** EC2 instances as root folders and processes, which local/cloud boots, runs commands on and terminates. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterHost } from '../contracts/cluster.ts';
import type { TwinContext } from '../contracts/context.ts';
import type { CommandOutcome, CommandRun, InstanceHost, InstanceSpec } from '../contracts/instance.ts';
import { type AgentEnvironment, killGroup, runDocument } from './agent.ts';
import { linkPlainTools } from './plain-tools.ts';
import { makeRootFolder, makeShimScript } from './root-folder.ts';
import { startShimServer } from './shim-server.ts';
import { closeAwsClients } from './shims/aws.ts';
import { createInstance, type Instance } from './state/instance.ts';

export interface InstanceHostOptions {
  readonly context: TwinContext;
  readonly cluster: ClusterHost;
  /** The real kubectl. */
  readonly kubectlPath: string;
}

const bootSeconds = 20;
/** As in Canonical's image; start-command requires 3.3.2746.0 or newer. */
const agentVersion = '3.3.3050.0';

/** The instance was terminated, or never existed. */
export class InstanceGoneError extends Error {
  override readonly name = 'InstanceGoneError';
}

export function createInstanceHost({ context, cluster, kubectlPath }: InstanceHostOptions): InstanceHost {
  const instances = new Map<string, { readonly instance: Instance; readonly ready: Promise<void> }>();
  const toolsFolder = join(context.root, 'instance-tools');
  const shimScript = join(toolsFolder, 'shim.sh');
  const agentEnvironment = prepareAgentEnvironment(toolsFolder, shimScript, context, (secret) => {
    return [...instances.values()].find(({ instance }) => instance.secret === secret)?.instance;
  });
  agentEnvironment.catch(() => undefined); // each boot reports the failure

  function boot(spec: InstanceSpec): { readonly agentOnline: Promise<{ readonly agentVersion: string }> } {
    const instance = createInstance({ spec, context, cluster, kubectlPath, shimScript });
    const ready = agentEnvironment.then(() => makeRootFolder(instance));
    instances.set(spec.instanceId, { instance, ready });
    return { agentOnline: register(instance, ready) };
  }

  async function run(instanceId: string, command: CommandRun): Promise<CommandOutcome> {
    const found = instances.get(instanceId);
    if (found === undefined || found.instance.terminated.signal.aborted)
      throw new InstanceGoneError(`instance ${instanceId} is not running`);
    await found.ready;
    const name = shortName(found.instance, command.documentName);
    if (context.faults.take('document-fails', name)) {
      return {
        status: 'Failed',
        exitCode: 1,
        stdout: '',
        stderr: `simulated fault: document-fails ${name}\nfailed to run commands: exit status 1\n`,
      };
    }
    const startedAt = performance.now();
    const outcome = await runDocument(found.instance, command, await agentEnvironment);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    context.log('instance', `${instanceId} ${name}: ${outcome.status} after ${seconds} s`);
    return outcome;
  }

  async function powerOff(instanceId: string): Promise<void> {
    const found = instances.get(instanceId);
    if (found === undefined) return;
    endProcesses(found.instance, 'was powered off');
    await cluster.powerOff(instanceId);
  }

  function powerOn(instanceId: string): { readonly agentOnline: Promise<{ readonly agentVersion: string }> } {
    const found = instances.get(instanceId);
    if (found === undefined) throw new InstanceGoneError(`instance ${instanceId} does not exist`);
    const { instance, ready } = found;
    instance.terminated = new AbortController();
    return { agentOnline: register(instance, Promise.all([ready, cluster.powerOn(instanceId)])) };
  }

  async function terminate(instanceId: string): Promise<void> {
    const found = instances.get(instanceId);
    if (found === undefined) return;
    instances.delete(instanceId);
    const { instance, ready } = found;
    endProcesses(instance, 'was terminated');
    await cluster.removeInstance(instanceId);
    closeAwsClients(instance);
    await ready.catch(() => undefined);
    await rm(instance.root, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }

  async function stop(): Promise<void> {
    await Promise.all([...instances.keys()].map(terminate));
    await agentEnvironment.then(
      ({ shimServer }) => shimServer.stop(),
      () => undefined,
    );
    await rm(toolsFolder, { recursive: true, force: true });
  }

  return { boot, run, powerOff, powerOn, terminate, stop };
}

function endProcesses({ spec, terminated, processGroups }: Instance, why: string): void {
  terminated.abort(new InstanceGoneError(`instance ${spec.instanceId} ${why}`));
  for (const group of processGroups) killGroup(group);
}

/** Links this machine's plain programs and starts the shim server. */
async function prepareAgentEnvironment(
  toolsFolder: string,
  shimScript: string,
  context: TwinContext,
  instanceOf: (secret: string) => Instance | undefined,
): Promise<AgentEnvironment> {
  const plainToolsFolder = join(toolsFolder, 'plain');
  await linkPlainTools(plainToolsFolder);
  await makeShimScript(shimScript);
  const shimServer = await startShimServer(context.network.hostAddress, instanceOf);
  return { plainToolsFolder, shimServer, time: context.time };
}

/** Settles when the agent registers; never for a terminated instance or with the fault agent-never-online. */
async function register(instance: Instance, ready: Promise<unknown>): Promise<{ readonly agentVersion: string }> {
  const { context, spec, terminated } = instance;
  const never = new Promise<never>(() => undefined);
  if (context.faults.take('agent-never-online', spec.role)) return never;
  try {
    await Promise.all([ready, context.time.wait(bootSeconds, terminated.signal)]);
  } catch (error) {
    if (terminated.signal.aborted) return never;
    throw error;
  }
  return { agentVersion };
}

/** stepkube-install-runtime is install-runtime: the prefix is the cluster's name, which the instance's tags hold. */
function shortName({ spec }: Instance, documentName: string): string {
  const tag = Object.keys(spec.tags).find((key) => key.startsWith('kubernetes.io/cluster/'));
  const cluster = tag?.slice('kubernetes.io/cluster/'.length);
  return cluster !== undefined && documentName.startsWith(`${cluster}-`)
    ? documentName.slice(cluster.length + 1)
    : documentName;
}

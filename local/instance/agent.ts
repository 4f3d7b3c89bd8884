/** The SSM agent: runs the script of a command document on an instance, as the real agent does. */
import { spawn } from 'node:child_process';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TwinTime } from '../contracts/context.ts';
import type { CommandOutcome, CommandRun, SsmDocumentContent } from '../contracts/instance.ts';
import { OutputBuffer } from './output-buffer.ts';
import type { ShimServer } from './shim-server.ts';
import type { Instance } from './state/instance.ts';

/** What GetCommandInvocation returns, in characters. */
const maxStdoutLength = 24_000;
const maxStderrLength = 8_000;
const defaultTimeoutSeconds = 3600;
/** Of a command that the agent stopped. */
const killedExitCode = 137;

/** A document that the agent cannot run. The message never holds a parameter's value, which may be secret. */
export class InvalidDocumentError extends Error {
  override readonly name = 'InvalidDocumentError';
}

/** What the agents of all instances share. */
export interface AgentEnvironment {
  readonly plainToolsFolder: string;
  readonly shimServer: ShimServer;
  readonly time: TwinTime;
}

/** Runs the one step of a document. Its time limit is in real seconds, because real programs run. */
export async function runDocument(
  instance: Instance,
  run: CommandRun,
  agentEnvironment: AgentEnvironment,
): Promise<CommandOutcome> {
  try {
    const parameters = parameterVariables(run);
    const [step] = run.content.mainSteps;
    if (step === undefined) throw new InvalidDocumentError(`document ${run.documentName} has no step`);
    const folder = instance.path(`/var/lib/amazon/ssm/${run.commandId}`);
    await mkdir(folder, { recursive: true });
    const script = join(folder, '_script.sh');
    await writeFile(script, `${step.inputs.runCommand.join('\n')}\n`);
    await chmod(script, 0o700);
    const environment = { ...instanceEnvironment(instance, agentEnvironment), ...parameters };
    const timeoutSeconds = Number(step.inputs.timeoutSeconds ?? defaultTimeoutSeconds);
    const outcome = await execute(instance, script, environment, timeoutSeconds);
    await rm(folder, { recursive: true, force: true });
    return outcome;
  } catch (error) {
    if (!(error instanceof InvalidDocumentError)) throw error;
    return { status: 'Failed', exitCode: 1, stdout: '', stderr: `${error.message}\n` };
  }
}

/** The SSM_<Parameter> variables. @throws InvalidDocumentError for a missing, unknown or disallowed parameter */
function parameterVariables({ documentName, content, parameters }: CommandRun): Record<string, string> {
  const declared = content.parameters ?? {};
  const unknown = Object.keys(parameters).find((name) => declared[name] === undefined);
  if (unknown !== undefined) throw new InvalidDocumentError(`document ${documentName} has no parameter ${unknown}`);
  const variables: Record<string, string> = {};
  for (const [name, parameter] of Object.entries(declared)) {
    variables[`SSM_${name}`] = parameterValue(documentName, name, parameter, parameters[name]?.[0]);
  }
  return variables;
}

function parameterValue(
  documentName: string,
  name: string,
  { default: fallback, allowedPattern, interpolationType }: NonNullable<SsmDocumentContent['parameters']>[string],
  given: string | undefined,
): string {
  const value = given ?? fallback;
  if (interpolationType !== 'ENV_VAR') {
    throw new InvalidDocumentError(`document ${documentName}: ${name} must have interpolationType ENV_VAR`);
  }
  if (value === undefined) throw new InvalidDocumentError(`document ${documentName}: parameter ${name} is missing`);
  if (allowedPattern !== undefined && !new RegExp(allowedPattern).test(value)) {
    throw new InvalidDocumentError(`document ${documentName}: ${name} does not match ${allowedPattern}`);
  }
  return value;
}

/** The whole environment of a script; nothing of this process's own is in it. */
function instanceEnvironment(
  instance: Instance,
  { plainToolsFolder, shimServer, time }: AgentEnvironment,
): Record<string, string> {
  const programs = ['/usr/local/sbin', '/usr/local/bin', '/usr/bin'].map((folder) => instance.path(folder));
  return {
    PATH: [...programs, plainToolsFolder].join(':'),
    HOME: instance.path('/root'),
    TMPDIR: instance.path('/tmp'),
    LANG: 'C.UTF-8',
    ROOTFS: instance.root,
    SHIM_CLOCK_AHEAD_SECONDS: String(time.aheadSeconds),
    SHIM_HOST: shimServer.host,
    SHIM_PORT: String(shimServer.port),
    SHIM_SECRET: instance.secret,
  };
}

function execute(
  instance: Instance,
  script: string,
  environment: Record<string, string>,
  timeoutSeconds: number,
): Promise<CommandOutcome> {
  const stdout = new OutputBuffer(maxStdoutLength);
  const stderr = new OutputBuffer(maxStderrLength);
  return new Promise((resolve, reject) => {
    // A process group of its own, so that the time limit and termination end everything that the script started.
    const child = spawn('sh', ['-c', script], {
      cwd: instance.root,
      env: environment,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.on('error', reject);
    const group = child.pid;
    if (group === undefined) return;
    instance.processGroups.add(group);
    let isTimedOut = false;
    const timer = setTimeout(() => {
      isTimedOut = true;
      killGroup(group);
    }, timeoutSeconds * 1000);
    child.stdout.on('data', (chunk: Buffer) => stdout.add(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
    child.on('close', (code) => {
      clearTimeout(timer);
      instance.processGroups.delete(group);
      const exitCode = code ?? killedExitCode;
      if (exitCode !== 0) stderr.addLine(`failed to run commands: exit status ${exitCode}`);
      const status = isTimedOut ? 'TimedOut' : exitCode === 0 ? 'Success' : code === null ? 'Cancelled' : 'Failed';
      resolve({ status, exitCode, stdout: stdout.text(), stderr: stderr.text() });
    });
  });
}

/** Kills a process group, if it still exists. */
export function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

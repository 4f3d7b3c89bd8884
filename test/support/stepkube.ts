import { type ChildProcess, spawn } from 'node:child_process';
import { projectPath } from '@stepkube/tools/project-path.ts';
import type { Cloud } from '#local/contracts/cloud.ts';

export const launcher = projectPath('stepkube');

export interface Ended {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, as they came. */
  readonly output: string;
}

export interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves with the first match in what was printed; rejects when the command ends without it. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
}

export interface StartOptions {
  readonly cwd?: string;
  /** Takes the place of the whole environment. @default PATH and a home without AWS configuration */
  readonly env?: NodeJS.ProcessEnv;
  /** @default the launcher in the root of the project */
  readonly program?: string;
}

/** An environment in which no AWS credentials are found, neither in files nor from an instance's metadata. */
export const bareEnvironment: NodeJS.ProcessEnv = {
  PATH: '/usr/local/bin:/usr/bin:/bin',
  HOME: '/nonexistent',
  NO_COLOR: '1',
  AWS_EC2_METADATA_DISABLED: 'true',
};

/** The same with an account: everything goes to the endpoint of a test's own cloud. */
export function environmentOf({ endpoint, operatorCredentials }: Cloud): NodeJS.ProcessEnv {
  return {
    ...bareEnvironment,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: operatorCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: operatorCredentials.secretAccessKey,
    AWS_SESSION_TOKEN: operatorCredentials.sessionToken,
  };
}

/** Starts the real command as a process, with nothing on its input. */
export function startStepkube(args: readonly string[], options: StartOptions = {}): Running {
  const { cwd, env = bareEnvironment, program = launcher } = options;
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const texts = { stdout: '', stderr: '', output: '' };
  const listeners = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => {
      texts[name] += chunk;
      texts.output += chunk;
      for (const listener of listeners) listener();
    });
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode, signal) => resolve({ exitCode, signal, ...texts }));
  });
  const printed = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(texts.output);
        if (match) resolve(match);
      };
      listeners.add(look);
      child.on('close', () => reject(new Error(`ended without printing ${pattern}:\n${texts.output}`)));
      look();
    });
  return { process: child, ended, printed };
}

export function runStepkube(args: readonly string[], options?: StartOptions): Promise<Ended> {
  return startStepkube(args, options).ended;
}

/** A NODE_OPTIONS value by which the command takes another module in place of cluster.config.ts. */
export function withConfig(config: object): string {
  const replacement = `data:text/javascript,${encodeURIComponent(`export default ${JSON.stringify(config)}`)}`;
  return importing(`import { registerHooks } from 'node:module';
    registerHooks({ resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      return resolved.url.endsWith('/cluster.config.ts') ? { ...resolved, url: ${JSON.stringify(replacement)}, format: 'module' } : resolved;
    } });`);
}

/** A NODE_OPTIONS value by which the command appends the URL of every module it loads to a file. */
export function tracingModules(file: string): string {
  return importing(`import { registerHooks } from 'node:module'; import { appendFileSync } from 'node:fs';
    registerHooks({ load(url, context, next) { appendFileSync(${JSON.stringify(file)}, url + '\\n'); return next(url, context); } });`);
}

function importing(source: string): string {
  return `--import=data:text/javascript,${encodeURIComponent(source)}`;
}

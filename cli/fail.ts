import { inspect, styleText } from 'node:util';
import { explainAwsError } from './aws/explain-error.ts';
import { exitCodes, FailedError, InterruptedError, UsageError } from './errors.ts';

/** Set by --debug, and inherited by the processes that a command starts. */
export const debugVariable = 'STEPKUBE_DEBUG';

/** Ends a command that failed: the message, what to do next, the exit code. A stack trace only for those who asked for it. */
export function fail(error: unknown): void {
  process.exitCode = exitCodeFor(error);
  if (error instanceof InterruptedError) return;
  console.error(`${styleText('red', '✖', { stream: process.stderr })} ${explain(error)}`);
  if (process.env[debugVariable]) console.error(inspect(error));
}

function exitCodeFor(error: unknown): number {
  if (error instanceof InterruptedError) return error.exitCode;
  // InvalidConfigError by its name: importing its class would load zod and the whole schema for every --help.
  const isUsage = error instanceof UsageError || (error as Error | undefined)?.name === 'InvalidConfigError';
  return isUsage ? exitCodes.wrongUsage : exitCodes.failed;
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof FailedError) return `${error.message}\n${error.nextStep}`;
  return explainMissingPackage(error) ?? explainAwsError(error) ?? explainDefect(error) ?? error.message;
}

/** After `git pull` a package may be new. */
function explainMissingPackage(error: NodeJS.ErrnoException): string | undefined {
  const [, name] =
    (error.code === 'ERR_MODULE_NOT_FOUND' && /^Cannot find package '([^']+)'/.exec(error.message)) || [];
  return name && `the package ${name} is not installed; run: npm ci`;
}

/** Errors of the language itself are nothing that a user could have caused knowingly. */
function explainDefect(error: Error): string | undefined {
  const isDefect = [TypeError, ReferenceError, RangeError, SyntaxError].some((type) => error instanceof type);
  return isDefect ? `${error.name}: ${error.message}; --debug (or ${debugVariable}=1) shows where` : undefined;
}

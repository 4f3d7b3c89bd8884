import { type ClusterConfig, InvalidConfigError, parseConfig } from '../infra/config.ts';

/** @returns the checked cluster.config.ts. @throws InvalidConfigError naming every wrong field, or what is not TypeScript in it. */
export async function loadConfig(): Promise<ClusterConfig> {
  const module = await import('../cluster.config.ts').catch((error: Error) => {
    throw new InvalidConfigError(`cluster.config.ts cannot be loaded: ${error.message}`, { cause: error });
  });
  return parseConfig(module.default);
}

/** Ends a command that failed: one message, no stack trace, exit code 1. */
export function fail(error: unknown): void {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

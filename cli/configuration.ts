import { type ClusterConfig, InvalidConfigError, parseConfig } from '#infra/config.ts';

/** @returns the checked cluster.config.ts. @throws InvalidConfigError naming every wrong field, or what is not TypeScript in it. */
export async function loadConfig(): Promise<ClusterConfig> {
  const module = await import('#cluster.config.ts').catch((error: Error) => {
    throw new InvalidConfigError(`cluster.config.ts cannot be loaded: ${error.message}`, { cause: error });
  });
  return parseConfig(module.default);
}

/**
 * The local twin runs any valid configuration; an account needs values that only its owner knows.
 * @throws InvalidConfigError naming the first of them that is missing.
 */
export function assertDeployable({ bot, region }: ClusterConfig): void {
  if (/(?:^|\.)example\.(?:com|net|org)$/.test(bot.domain)) {
    throw new InvalidConfigError(
      `bot.domain: "${bot.domain}" is a placeholder; set a domain of your own in cluster.config.ts, then run this again. To try stepkube without one: npm start`,
    );
  }
  if (bot.certificateArn === undefined) {
    throw new InvalidConfigError(
      `bot.certificateArn: missing; set the ARN of an ACM certificate for ${bot.domain} in ${region}: without it Telegram cannot reach the bot by TLS`,
    );
  }
}

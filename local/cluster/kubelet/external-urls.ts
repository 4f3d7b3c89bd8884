/**
 * Pods look up the names of AWS and Telegram before they call them. Their processes get addresses that wait for that: URLs in the environment
 * that lead to the twin's AWS or Telegram get a forwarder's address instead.
 */
import type { Target } from '../apimachinery/tcp-forwarder.ts';

/** scheme://host:port of the URLs among some variables. */
export function originsIn(variables: Readonly<Record<string, string>>): readonly string[] {
  return Object.values(variables).flatMap((value) => /^https?:\/\/[^/]+:\d+/.exec(value)?.[0] ?? []);
}

/** The value is returned unchanged when it is not a URL of one of the origins. */
export function withExternalAddress(
  value: string,
  origins: readonly string[],
  locate: (host: string, port: number) => Target,
): string {
  const origin = origins.find((candidate) => value === candidate || value.startsWith(`${candidate}/`));
  if (origin === undefined) return value;
  const { protocol, hostname, port } = new URL(origin);
  const target = locate(hostname, Number(port));
  return `${protocol}//${target.host}:${target.port}${value.slice(origin.length)}`;
}

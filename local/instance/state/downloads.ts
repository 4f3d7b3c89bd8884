/**
 * Simulated downloads: files that stand for what the pinned addresses would send. Each says so, and from where.
 * A file that does not say so is what it is.
 */
import { readFile } from 'node:fs/promises';

const mark = 'stepkube twin: simulated download of ';

/** The line that marks a file as a simulated download. */
export function downloadMark(url: string): string {
  return `${mark}${url}`;
}

/** The address a file stands for; undefined when it is no simulated download. */
export async function simulatedSource(path: string): Promise<string | undefined> {
  const head = (await readFile(path, 'utf8').catch(() => '')).slice(0, 4000);
  const start = head.indexOf(mark);
  if (start < 0) return undefined;
  return head.slice(start + mark.length).split(/\s/, 1)[0];
}

/** First x.y.z of an address, e.g. of .../v2.3.5/containerd-2.3.5-linux-amd64.tar.gz. */
export function versionOf(url: string): string {
  return /\d+\.\d+\.\d+/.exec(url)?.[0] ?? '0.0.0';
}

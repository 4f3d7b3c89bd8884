/**
 * Simulated downloads: files in place of what the pinned URLs would send. A line in each names its URL; a file without that
 * line is real.
 */
import { readFile } from 'node:fs/promises';

const mark = 'stepkube twin: simulated download of ';

/** The line that marks a file as a simulated download. */
export function downloadMark(url: string): string {
  return `${mark}${url}`;
}

/** The URL of a simulated download; undefined for any other file, or none. */
export async function simulatedSource(path: string): Promise<string | undefined> {
  const head = (await readFile(path, 'utf8').catch(() => '')).slice(0, 4000);
  const start = head.indexOf(mark);
  if (start < 0) return undefined;
  return head.slice(start + mark.length).split(/\s/, 1)[0];
}

/** The first x.y.z in a URL such as .../v2.3.5/containerd-2.3.5-linux-amd64.tar.gz; 0.0.0 without any. */
export function versionOf(url: string): string {
  return /\d+\.\d+\.\d+/.exec(url)?.[0] ?? '0.0.0';
}

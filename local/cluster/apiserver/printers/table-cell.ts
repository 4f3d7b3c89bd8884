/** One column of a Table, and ages in it. */
import type { KubeObject } from '#local/cluster/apimachinery/object.ts';

export interface Column {
  readonly name: string;
  readonly type?: 'string' | 'integer';
  /** 1: only with -o wide. */
  readonly priority?: number;
  readonly cell: (object: KubeObject) => string | number;
}

/** An age as kubectl writes it: 45s, 3m12s, 5h3m, 4d2h. */
export function ageOf(time: string | undefined, now = Date.now()): string {
  if (!time) return '<unknown>';
  const seconds = Math.max(0, Math.floor((now - Date.parse(time)) / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (seconds < 120) return `${seconds}s`;
  if (minutes < 10) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${seconds % 60}s`;
  if (minutes < 180) return `${minutes}m`;
  if (hours < 8) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`;
  if (hours < 48) return `${hours}h`;
  if (days < 8) return hours % 24 === 0 ? `${days}d` : `${days}d${hours % 24}h`;
  return `${days}d`;
}

/** One column of a Table, and what its cells show. */
import type { KubeObject } from '#local/cluster/apimachinery/object.ts';

export interface Column<T extends KubeObject = KubeObject> {
  readonly name: string;
  /** 1: shown only with `-o wide`. */
  readonly priority: 0 | 1;
  readonly cell: (object: T) => string | number;
}

export const nameColumn: Column = { name: 'Name', priority: 0, cell: ({ metadata }) => metadata.name };
export const ageColumn: Column = {
  name: 'Age',
  priority: 0,
  cell: ({ metadata }) => formatAge(metadata.creationTimestamp),
};

type CellValue = string | number | undefined;

/** A column that shows <none> where there is no value. */
export function column<T extends KubeObject>(name: string, read: (object: T) => CellValue): Column<T> {
  const cell = (object: T): string | number => {
    const value = read(object);
    return value === undefined || value === '' ? '<none>' : value;
  };
  return { name, priority: 0, cell };
}

/** A column that only `-o wide` shows. */
export function wideColumn<T extends KubeObject>(name: string, read: (object: T) => CellValue): Column<T> {
  return { ...column(name, read), priority: 1 };
}

/** An age as kubectl writes it: 45s, 3m12s, 5h3m, 4d2h. */
export function formatAge(time: string | undefined, nowMilliseconds = Date.now()): string {
  if (!time) return '<unknown>';
  const seconds = Math.max(0, Math.floor((nowMilliseconds - Date.parse(time)) / 1000));
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

/** Labels as `key=value,key=value`. */
export function formatLabels(labels: Readonly<Record<string, string>> = {}): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

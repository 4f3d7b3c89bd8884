/** Options of writes, and the events of watches. */
import type { KubeObject } from './object.ts';

export interface WriteOptions {
  /** Validates and returns the object, but stores nothing. */
  readonly dryRun?: boolean;
  /** Through which the write goes; a binding leaves no entry in managedFields. */
  readonly subresource?: 'status' | 'scale' | 'binding';
}

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: boolean;
}

export interface WatchEvent<T extends KubeObject = KubeObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: T;
  /** What the object was before; none when it is new. */
  readonly previous?: T;
}

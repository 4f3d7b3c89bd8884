import type { Pod } from '../apimachinery/kinds.ts';
import type { Target } from '../apimachinery/tcp-forwarder.ts';

/**
 * Where a Service's port is reached on this machine. The address never changes and may be asked before the Service exists.
 * @param source the calling pod, whose network policies count; undefined: a caller outside of the cluster
 */
export type LocateService = (namespace: string, name: string, port: number, source?: Pod) => Target;

/** Where a pod reaches a host outside of the cluster, by a name that it looks up. */
export type LocateExternal = (host: string, port: number, source: Pod) => Target;

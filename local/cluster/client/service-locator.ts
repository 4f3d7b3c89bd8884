import type { Target } from '../apimachinery/tcp-forwarder.ts';

/** Where a Service's port is reached on this machine. The address never changes and may be asked before the Service exists. */
export type LocateService = (namespace: string, name: string, port: number) => Target;

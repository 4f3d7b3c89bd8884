import type { PodMetrics } from '../apimachinery/kinds.ts';

/** Reads the API group metrics.k8s.io. */
export interface MetricsClient {
  /** Of the pods that have been measured over a whole window. @param namespace undefined: of all namespaces */
  podMetrics(namespace: string | undefined): readonly PodMetrics[];
}

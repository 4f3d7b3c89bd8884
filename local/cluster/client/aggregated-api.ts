/** An API group that another server than the API server answers; the API server passes GET and LIST on to it. */
import type { KubeObject } from '../apimachinery/object.ts';
import type { ResourceType } from '../apimachinery/resource-type.ts';

export interface AggregatedApi {
  /** @param namespace undefined: objects of all namespaces */
  list(type: ResourceType, namespace: string | undefined): readonly KubeObject[];
}

/** What the API server knows about one kind of object in one version of its group. */
import type { KubeObject } from './object.ts';

declare const objectType: unique symbol;

/** @typeParam T the objects' type; it exists at compile time only, so that `get(types.pods, ...)` returns a Pod */
export interface ResourceType<T extends KubeObject = KubeObject> {
  readonly [objectType]?: T;
  /** '' is the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly subresources: readonly Subresource[];
  /** Where the objects are stored. The versions of one kind share it. */
  readonly storage: string;
  /** Served on POST and never stored, such as access reviews. */
  readonly virtual: boolean;
  /** Served by an aggregated API server and never stored, such as metrics. */
  readonly aggregated: boolean;
  readonly printerColumns?: readonly PrinterColumn[];
}

export type Subresource = 'status' | 'scale' | 'log' | 'eviction' | 'binding' | 'token' | 'finalize' | 'approval';

/** additionalPrinterColumns of a CustomResourceDefinition. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
  readonly priority?: number;
}

export function apiVersionOf(type: Pick<ResourceType, 'group' | 'version'>): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/** 'pods' or 'deployments.apps', as messages name a resource. */
export function qualifiedName(type: Pick<ResourceType, 'plural' | 'group'>): string {
  return type.group === '' ? type.plural : `${type.plural}.${type.group}`;
}

/** Narrows an object of `type` to the objects of another type, if both are the same resource in some version. */
export function isOfType<T extends KubeObject>(
  expected: ResourceType<T>,
  type: ResourceType,
  _object: KubeObject,
): _object is T {
  return type.storage === expected.storage;
}

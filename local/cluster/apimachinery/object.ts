/** A Kubernetes object as it goes over the wire, and small readers of it. */
import { isDeepStrictEqual } from 'node:util';

/** The inside of an object is its kind's own; whoever reads it knows the kind. */
// biome-ignore lint/suspicious/noExplicitAny: an open wire shape, CRDs included
export type Open = any;

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface ManagedFieldsEntry {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  time: string;
  fieldsType: 'FieldsV1';
  fieldsV1: FieldTree;
  subresource?: string;
}

/** FieldsV1: 'f:name' a field, 'k:{...}' a list item by its keys, 'v:...' a set member, '.' the thing itself. */
export interface FieldTree {
  [element: string]: FieldTree;
}

export interface ObjectMeta {
  name: string;
  generateName?: string;
  namespace?: string;
  uid: string;
  resourceVersion: string;
  generation?: number;
  creationTimestamp: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
  managedFields?: ManagedFieldsEntry[];
}

export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec?: Open;
  status?: Open;
  [field: string]: Open;
}

/** What a client may send: the server fills in the rest. */
export type NewObject = Omit<KubeObject, 'metadata'> & {
  metadata: Partial<ObjectMeta>;
};

export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason: string;
  message: string;
}

/** Kubernetes times have whole seconds. */
export function timestamp(date = new Date()): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

export function copy<T>(value: T): T {
  return structuredClone(value);
}

export const equal = isDeepStrictEqual;

export function isRecord(value: unknown): value is Record<string, Open> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.controller === true);
}

export function controllerReference(owner: KubeObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

export function conditionOf(object: KubeObject, type: string): Open {
  return object.status?.conditions?.find((condition: Open) => condition.type === type);
}

/** Sets a condition; its transition time moves only when the status does. */
export function setCondition(object: KubeObject, condition: Condition, more: Record<string, string> = {}): void {
  object.status ??= {};
  object.status.conditions ??= [];
  const conditions: Open[] = object.status.conditions;
  const at = conditions.findIndex(({ type }) => type === condition.type);
  const old = conditions[at];
  const lastTransitionTime = old?.status === condition.status ? old.lastTransitionTime : timestamp();
  const next = { ...more, ...condition, lastTransitionTime };
  if (at === -1) conditions.push(next);
  else conditions[at] = { ...old, ...next };
}

export function isPodReady(pod: KubeObject): boolean {
  return conditionOf(pod, 'Ready')?.status === 'True';
}

export function isPodFinished(pod: KubeObject): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** Five characters, without vowels, as Kubernetes names its children. */
export function randomSuffix(length = 5): string {
  const letters = 'bcdfghjklmnpqrstvwxz2456789';
  return Array.from({ length }, () => letters[Math.floor(Math.random() * letters.length)]).join('');
}

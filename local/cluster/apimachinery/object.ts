/** A Kubernetes object in JSON: the header that all kinds share, and what is done with any object. */
import { isDeepStrictEqual } from 'node:util';
import type { V1ObjectMeta, V1OwnerReference } from '@kubernetes/client-node';
import type { DeepPartial, Filled, Refined, Wire, WireFields } from './wire.ts';

export type OwnerReference = Wire<V1OwnerReference>;

export interface ManagedFieldsEntry {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  time: string;
  fieldsType: 'FieldsV1';
  fieldsV1: FieldTree;
  subresource?: string;
}

/** FieldsV1: 'f:name' a field, 'k:{...}' a list item by its keys, 'v:...' a set member, '.' the item itself. */
export interface FieldTree {
  [element: string]: FieldTree;
}

/** Metadata as the API server returns it. */
export type ObjectMeta = Refined<
  Filled<V1ObjectMeta, 'name' | 'uid' | 'resourceVersion' | 'creationTimestamp'>,
  { managedFields?: ManagedFieldsEntry[] }
>;

export type ObjectHeader = { apiVersion: string; kind: string; metadata: ObjectMeta };

/** An object of any kind, custom resources included: what is below the header is unknown. */
export type KubeObject = ObjectHeader & { [field: string]: unknown };

/**
 * A kind of @kubernetes/client-node as the API server stores it.
 * @typeParam Complete fields that validation and defaulting make more exact, such as a required `spec`
 */
export type Stored<T, Complete = unknown> = Omit<WireFields<T>, keyof ObjectHeader | keyof Complete> &
  ObjectHeader &
  Complete;

/** What a client sends to create an object: the server completes the header and the defaults, or refuses. */
export type NewObject<T extends ObjectHeader = KubeObject> = Omit<DeepPartial<T>, 'metadata'> & {
  metadata: Partial<ObjectMeta>;
};

/** The current time as Kubernetes writes times: RFC 3339 with whole seconds. */
export function timestamp(date = new Date()): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

export function copy<T>(value: T): T {
  return structuredClone(value);
}

export const equal = isDeepStrictEqual;

export function controllerOf({ metadata }: Pick<ObjectHeader, 'metadata'>): OwnerReference | undefined {
  return metadata.ownerReferences?.find((owner) => owner.controller === true);
}

/** The owner reference of an object that a controller creates for `owner`. */
export function controllerReference(owner: ObjectHeader): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

const suffixLetters = 'bcdfghjklmnpqrstvwxz2456789';

/** A generated name's ending. Like Kubernetes, without vowels, so that it never spells a word. */
export function randomSuffix(length = 5): string {
  return Array.from({ length }, () => suffixLetters[Math.floor(Math.random() * suffixLetters.length)]).join('');
}

/** Bytes as letters that are safe in a name. */
export function safeEncode(bytes: Uint8Array): string {
  return [...bytes].map((byte) => suffixLetters[byte % suffixLetters.length]).join('');
}

/** The types of @kubernetes/client-node as they are in JSON. */

/**
 * A client-node type as it goes over the wire: where the client holds a Date, JSON holds an RFC 3339 string.
 * The few fields that TypeScript cannot name as Kubernetes does (`_from`, `_default`) keep the client's names.
 */
export type Wire<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? Wire<Item>[]
    : T extends object
      ? WireFields<T>
      : T;

export type WireFields<T> = { [K in keyof T]: Wire<T[K]> };

/** A client-node type in JSON whose named fields are always there, because the API server requires or defaults them. */
export type Filled<T, K extends keyof T> = Omit<WireFields<T>, K> & Required<Pick<WireFields<T>, K>>;

/** `T` with some of its fields typed more exactly. */
export type Refined<T, Fields> = Omit<T, keyof Fields> & Fields;

/** Every field optional, at any depth. */
export type DeepPartial<T> = T extends readonly (infer Item)[]
  ? DeepPartial<Item>[]
  : T extends object
    ? { [K in keyof T]?: DeepPartial<T[K]> }
    : T;

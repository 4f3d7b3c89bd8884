/** The fields of every built-in kind and their types: those that @kubernetes/client-node was generated from, Kubernetes 1.36. */
import { types } from '#local/cluster/apimachinery/builtin-types.ts';
import type { ResourceType } from '#local/cluster/apimachinery/resource-type.ts';

/** 'string', 'number', 'Array<V1Container>', '{ [key: string]: string; }', 'V1PodSpec', 'IntOrString', 'any', ... */
export type TypeName = string;

export interface Field {
  readonly type: TypeName;
  /** 'int32', 'int64', 'double', 'byte', 'date-time' or ''. */
  readonly format: string;
}

export interface Schema {
  /** The class of a kind; undefined for custom resources and what the server made up itself. */
  classOf(type: ResourceType): string | undefined;
  /** undefined: a type without fields of its own, such as a time. */
  fieldsOf(className: string): ReadonlyMap<string, Field> | undefined;
}

interface Attribute extends Field {
  /** As it is in JSON; `name` is what TypeScript calls it. */
  readonly baseName: string;
}

/** Classes whose names say their group as well. */
const namedOtherwise: ReadonlyMap<ResourceType, string> = new Map([
  [types.events, 'CoreV1Event'],
  [types.newEvents, 'EventsV1Event'],
]);

let loading: Promise<Schema> | undefined;

/** Loaded when the first object is checked: there are some hundred classes. */
export function loadSchema(): Promise<Schema> {
  loading ??= import('@kubernetes/client-node/dist/gen/models/all.js').then(schemaOf);
  return loading;
}

function schemaOf(models: object): Schema {
  const attributes = new Map<string, readonly Attribute[]>();
  for (const [name, model] of Object.entries(models)) {
    const own = (model as { readonly attributeTypeMap?: readonly Attribute[] }).attributeTypeMap;
    if (own) attributes.set(name, own);
  }
  const fields = new Map<string, ReadonlyMap<string, Field>>();
  return {
    classOf: (type) => {
      const name = namedOtherwise.get(type) ?? `V${type.version.slice(1)}${type.kind}`;
      const builtin = Object.values<ResourceType>(types).includes(type);
      return builtin && attributes.has(name) ? name : undefined;
    },
    fieldsOf: (className) => {
      const known = fields.get(className);
      const own = attributes.get(className);
      if (known || !own) return known;
      const made = new Map(own.map(({ baseName, type, format }) => [baseName, { type, format }]));
      fields.set(className, made);
      return made;
    },
  };
}

/** The fields of every built-in kind, from the OpenAPI schema that @kubernetes/client-node was generated from. */
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
  /** The class of a kind; undefined for custom resources and kinds that client-node has no class for. */
  classOf(type: ResourceType): string | undefined;
  /** undefined for a type without fields of its own, such as a time. */
  fieldsOf(className: string): ReadonlyMap<string, Field> | undefined;
}

interface Attribute extends Field {
  /** The field's name in JSON. */
  readonly baseName: string;
}

/** Kinds that exist in two groups: their classes carry the group's name too. */
const classNames: ReadonlyMap<ResourceType, string> = new Map<ResourceType, string>([
  [types.events, 'CoreV1Event'],
  [types.newEvents, 'EventsV1Event'],
]);

let loading: Promise<Schema> | undefined;

/** Loaded with the first object that is checked, because the classes are some hundred files. */
export function loadSchema(): Promise<Schema> {
  loading ??= import('@kubernetes/client-node/dist/gen/models/all.js').then(createSchema);
  return loading;
}

function createSchema(models: object): Schema {
  const attributes = new Map<string, readonly Attribute[]>();
  for (const [name, model] of Object.entries(models)) {
    const own = (model as { readonly attributeTypeMap?: readonly Attribute[] }).attributeTypeMap;
    if (own) attributes.set(name, own);
  }
  const fields = new Map<string, ReadonlyMap<string, Field>>();
  return {
    classOf: (type) => {
      const name = classNames.get(type) ?? `V${type.version.slice(1)}${type.kind}`;
      const isBuiltin = Object.values<ResourceType>(types).includes(type);
      return isBuiltin && attributes.has(name) ? name : undefined;
    },
    fieldsOf: (className) => {
      const known = fields.get(className);
      const own = attributes.get(className);
      if (known || !own) return known;
      const created = new Map(own.map(({ baseName, type, format }) => [baseName, { type, format }]));
      fields.set(className, created);
      return created;
    },
  };
}

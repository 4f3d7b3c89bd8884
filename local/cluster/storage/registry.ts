/** Every resource the server serves now: the built-in ones and those of CustomResourceDefinitions. */
import { builtinTypes } from '../apimachinery/builtin-types.ts';
import type { KubeObject, Open } from '../apimachinery/object.ts';
import {
  apiVersionOf,
  type PrinterColumn,
  type ResourceType,
  type Subresource,
} from '../apimachinery/resource-type.ts';

export class Registry {
  readonly #custom = new Map<string, readonly ResourceType[]>();

  all(): readonly ResourceType[] {
    return [...builtinTypes, ...[...this.#custom.values()].flat()];
  }

  byPlural(group: string, version: string, plural: string): ResourceType | undefined {
    return this.all().find((type) => type.group === group && type.version === version && type.plural === plural);
  }

  byKind(apiVersion: string, kind: string): ResourceType | undefined {
    return this.all().find((type) => type.kind === kind && apiVersionOf(type) === apiVersion);
  }

  /** Some version of the group's resource, for callers that know no version. */
  byGroup(group: string, plural: string): ResourceType | undefined {
    return this.all().find((type) => type.group === group && type.plural === plural);
  }

  addDefinition(definition: KubeObject): void {
    this.#custom.set(definition.metadata.name, customTypes(definition));
  }

  /** @returns the types that went */
  removeDefinition(name: string): readonly ResourceType[] {
    const gone = this.#custom.get(name) ?? [];
    this.#custom.delete(name);
    return gone;
  }
}

function customTypes({ spec }: KubeObject): ResourceType[] {
  const served: Open[] = spec.versions.filter((version: Open) => version.served);
  // The storage version first, so that a client without a wish is given it.
  served.sort((a, b) => Number(b.storage) - Number(a.storage));
  return served.map((version) => ({
    group: spec.group,
    version: version.name,
    kind: spec.names.kind,
    plural: spec.names.plural,
    singular: spec.names.singular ?? spec.names.kind.toLowerCase(),
    namespaced: spec.scope === 'Namespaced',
    shortNames: spec.names.shortNames ?? [],
    categories: spec.names.categories ?? [],
    subresources: Object.keys(version.subresources ?? {}) as Subresource[],
    storage: `${spec.group}/${spec.names.plural}`,
    virtual: false,
    computed: false,
    ...(version.additionalPrinterColumns && {
      printerColumns: version.additionalPrinterColumns as readonly PrinterColumn[],
    }),
  }));
}

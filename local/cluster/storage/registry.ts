/** Which resources the API server serves: the built-in ones and those of CustomResourceDefinitions. */
import { builtinTypes } from '../apimachinery/builtin-types.ts';
import type { CustomResourceDefinition } from '../apimachinery/kinds.ts';
import { apiVersionOf, type ResourceType, type Subresource } from '../apimachinery/resource-type.ts';

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

  addDefinition(definition: CustomResourceDefinition): void {
    this.#custom.set(definition.metadata.name, customTypes(definition));
  }

  /** @returns the types that are no longer served */
  removeDefinition(name: string): readonly ResourceType[] {
    const removed = this.#custom.get(name) ?? [];
    this.#custom.delete(name);
    return removed;
  }
}

function customTypes({ spec }: CustomResourceDefinition): ResourceType[] {
  const { group, names, scope } = spec;
  // The storage version comes first, because clients that name no version use the first one.
  const versions = spec.versions
    .filter(({ served }) => served)
    .toSorted((a, b) => Number(b.storage) - Number(a.storage));
  return versions.map(({ name, subresources = {}, additionalPrinterColumns }) => ({
    group,
    version: name,
    kind: names.kind,
    plural: names.plural,
    singular: names.singular ?? names.kind.toLowerCase(),
    namespaced: scope === 'Namespaced',
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    subresources: Object.keys(subresources) as Subresource[],
    storage: `${group}/${names.plural}`,
    virtual: false,
    aggregated: false,
    ...(additionalPrinterColumns && { printerColumns: additionalPrinterColumns }),
  }));
}

import type { KubeObject } from '#local/cluster/apimachinery/object.ts';
import type { ResourceType } from '#local/cluster/apimachinery/resource-type.ts';
import type { Column } from './table-cell.ts';

/** The columns of one kind. */
export interface Printer {
  readonly storage: string;
  readonly columns: readonly Column[];
}

export function printer<T extends KubeObject>(type: ResourceType<T>, columns: readonly Column<NoInfer<T>>[]): Printer {
  // Looked up by the type's storage: the columns are given only objects of that type.
  return { storage: type.storage, columns: columns as readonly Column<never>[] as readonly Column[] };
}

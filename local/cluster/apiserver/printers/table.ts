/** The Table form of objects: what `kubectl get` prints. */
import type { KubeObject, Open } from '#local/cluster/apimachinery/object.ts';
import type { ResourceType } from '#local/cluster/apimachinery/resource-type.ts';
import { columnsFor } from './table-columns.ts';

export function wantsTable(accept: string | undefined): boolean {
  // Clients list what they take in order of preference; kubectl's Table comes first when it wants one.
  return accept?.split(',')[0]?.includes('as=Table') ?? false;
}

/** @param includeObject 'Object', 'Metadata' or 'None' */
export function tableOf(
  type: ResourceType,
  objects: readonly KubeObject[],
  resourceVersion: string,
  includeObject: string | null,
  withColumns = true,
): object {
  const columns = columnsFor(type);
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion },
    columnDefinitions: withColumns
      ? columns.map(({ name, type: cellType, priority }, index) => ({
          name,
          type: cellType ?? 'string',
          format: index === 0 ? 'name' : '',
          description: name,
          priority: priority ?? 0,
        }))
      : [],
    rows: objects.map((object) => ({
      cells: columns.map(({ cell }) => cell(object)),
      object: embedded(object, includeObject),
    })),
  };
}

function embedded(object: KubeObject, include: string | null): Open {
  if (include === 'None') return null;
  if (include === 'Object') return object;
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}

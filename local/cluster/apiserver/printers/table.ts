/** The Table form of objects, which `kubectl get` prints. */
import type { KubeObject } from '#local/cluster/apimachinery/object.ts';
import type { ResourceType } from '#local/cluster/apimachinery/resource-type.ts';
import { columnsFor } from './table-columns.ts';

/** Accept lists media types in order of preference, and kubectl puts the Table first when it wants one. */
export function prefersTable(accept: string): boolean {
  return accept.split(',')[0]!.includes('as=Table');
}

export interface TableOptions {
  readonly resourceVersion: string;
  /** ?includeObject: 'Object', 'None', or the metadata only. */
  readonly includeObject: string | null;
  /** Of a watch, only the first Table carries the column definitions. */
  readonly withColumns?: boolean;
}

export function tableOf(type: ResourceType, objects: readonly KubeObject[], options: TableOptions): object {
  const { resourceVersion, includeObject, withColumns = true } = options;
  const columns = columnsFor(type);
  const columnDefinitions = columns.map(({ name, priority }, index) => ({
    name,
    type: 'string',
    format: index === 0 ? 'name' : '',
    description: name,
    priority,
  }));
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion },
    columnDefinitions: withColumns ? columnDefinitions : [],
    rows: objects.map((object) => ({
      cells: columns.map(({ cell }) => cell(object)),
      object: embeddedObject(object, includeObject),
    })),
  };
}

function embeddedObject(object: KubeObject, includeObject: string | null): object | null {
  if (includeObject === 'None') return null;
  if (includeObject === 'Object') return object;
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}

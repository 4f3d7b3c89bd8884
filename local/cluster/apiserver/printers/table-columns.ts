/** The columns of a type: built in, or the additionalPrinterColumns of its definition. */
import { isJsonObject } from '#local/cluster/apimachinery/json.ts';
import type { KubeObject } from '#local/cluster/apimachinery/object.ts';
import type { PrinterColumn, ResourceType } from '#local/cluster/apimachinery/resource-type.ts';
import { resourcePrinters } from './resource-columns.ts';
import { ageColumn, type Column, formatAge, nameColumn } from './table-cell.ts';
import { workloadPrinters } from './workload-columns.ts';

const columnsByStorage: ReadonlyMap<string, readonly Column[]> = new Map(
  [...workloadPrinters, ...resourcePrinters].map(({ storage, columns }) => [storage, columns]),
);

export function columnsFor(type: ResourceType): readonly Column[] {
  if (!type.printerColumns) return columnsByStorage.get(type.storage) ?? [nameColumn, ageColumn];
  const columns = type.printerColumns.map(customColumn);
  const hasAge = columns.some(({ name }) => name === ageColumn.name);
  return hasAge ? [nameColumn, ...columns] : [nameColumn, ...columns, ageColumn];
}

function customColumn({ name, type, jsonPath, priority }: PrinterColumn): Column {
  return {
    name,
    priority: priority ? 1 : 0,
    cell: (object) => {
      const value = readJsonPath(object, jsonPath);
      if (type === 'date') return formatAge(typeof value === 'string' ? value : undefined);
      return value === undefined || value === null ? '' : String(value);
    },
  };
}

/** The part of JSONPath that printer columns use: fields, indexes and filters such as [?(@.type=="Ready")]. */
function readJsonPath(object: KubeObject, path: string): unknown {
  const steps = path.matchAll(/\.([\w\\.-]+?)(?=\.|\[|$)|\[\?\(@\.(\w+)\s*==\s*["']([^"']+)["']\)\]|\[(\d+)\]/g);
  let value: unknown = object;
  for (const [, field, filterKey, filterValue, index] of steps) {
    if (field !== undefined) value = isJsonObject(value) ? value[field] : undefined;
    else if (!Array.isArray(value)) return undefined;
    else if (index !== undefined) value = value[Number(index)];
    else value = value.find((item) => isJsonObject(item) && item[filterKey!] === filterValue);
  }
  return value;
}

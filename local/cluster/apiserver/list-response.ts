/** Objects as a response: one, a list or a Table, whichever the client accepts. */
import type { KubeObject } from '../apimachinery/object.ts';
import { apiVersionOf } from '../apimachinery/resource-type.ts';
import { type ObjectFilter, parseFieldSelector, parseLabelSelector } from '../apimachinery/selectors.ts';
import type { ApiResponse, ResourceCall } from './call.ts';
import { prefersTable, tableOf } from './printers/table.ts';

/** The objects that a request is about, by name, ?labelSelector and ?fieldSelector. */
export function filterOf({ query, name }: ResourceCall): ObjectFilter {
  const matchesLabels = parseLabelSelector(query.get('labelSelector') ?? '');
  const matchesFields = parseFieldSelector(query.get('fieldSelector') ?? '');
  return (object) =>
    (name === undefined || object.metadata.name === name) && matchesLabels(object) && matchesFields(object);
}

export function objectResponse(call: ResourceCall, object: KubeObject): ApiResponse {
  if (!prefersTable(call.accept)) return { code: 200, body: object };
  const { resourceVersion } = object.metadata;
  const includeObject = call.query.get('includeObject');
  return { code: 200, body: tableOf(call.type, [object], { resourceVersion, includeObject }) };
}

/** @param objects all of the type and namespace; the request's selectors are applied here */
export function listResponse(call: ResourceCall, objects: readonly KubeObject[], resourceVersion: string): ApiResponse {
  const { type, query, accept } = call;
  const items = objects.filter(filterOf(call));
  const body = prefersTable(accept)
    ? tableOf(type, items, { resourceVersion, includeObject: query.get('includeObject') })
    : { kind: `${type.kind}List`, apiVersion: apiVersionOf(type), metadata: { resourceVersion }, items };
  return { code: 200, body };
}

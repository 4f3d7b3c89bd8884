/** Finds the handler of a request about a resource. */
import { methodNotAllowed, notFound, unknownPath } from '../apimachinery/errors.ts';
import type { ApiResponse, HandlerDependencies, ResourceCall } from './call.ts';
import { listResponse, objectResponse } from './list-response.ts';
import { isApply, patchObject } from './patch-verb.ts';
import {
  createObject,
  deleteCollection,
  deleteObject,
  getObject,
  listObjects,
  updateObject,
} from './resource-verbs.ts';
import { handleReview } from './reviews.ts';
import { checkApplied, checkMergePatch, checkWholeObject } from './schema/validate-body.ts';
import { handleSubresource } from './subresources.ts';

export async function handleResource(dependencies: HandlerDependencies, call: ResourceCall): Promise<ApiResponse> {
  if (call.type.virtual) return handleReview(dependencies, call);
  if (call.type.aggregated) return handleAggregated(dependencies, call);
  if (call.subresource) return handleSubresource(dependencies, call);
  await checkBody(call);
  switch (call.verb) {
    case 'get':
      return getObject(dependencies, call);
    case 'list':
      return listObjects(dependencies, call);
    case 'create':
      return createObject(dependencies, call);
    case 'update':
      return updateObject(dependencies, call);
    case 'patch':
      return patchObject(dependencies, call);
    case 'delete':
      return deleteObject(dependencies, call);
    case 'deletecollection':
      return deleteCollection(dependencies, call);
    default:
      throw methodNotAllowed();
  }
}

/** @throws ApiError for a body that does not fit the schema */
async function checkBody(call: ResourceCall): Promise<void> {
  const { type, namespace, name, verb, query, body } = call;
  const checked = { type, namespace, name, body, isStrict: query.get('fieldValidation') === 'Strict' };
  if (verb === 'create' || verb === 'update') await checkWholeObject(checked);
  else if (verb === 'patch') await (isApply(call) ? checkApplied(checked) : checkMergePatch(checked));
}

function handleAggregated({ objects, aggregatedApis }: HandlerDependencies, call: ResourceCall): ApiResponse {
  const { type, namespace, name, verb, subresource } = call;
  const api = aggregatedApis.get(type.group);
  if (!api) throw unknownPath();
  const items = api.list(type, namespace);
  if (verb === 'list') return listResponse(call, items, String(objects.store.version));
  if (verb !== 'get' || subresource) throw methodNotAllowed();
  const found = items.find(({ metadata }) => metadata.name === name);
  if (!found) throw notFound(type, namespace ? `${namespace}/${name}` : name!);
  return objectResponse(call, found);
}

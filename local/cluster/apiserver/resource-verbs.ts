/** get, list, create, update, delete of any resource. */

import { ApiError, badRequest, methodNotAllowed, qualified } from '../apimachinery/errors.ts';
import { isRecord, type KubeObject, type Open } from '../apimachinery/object.ts';
import { apiVersionOf } from '../apimachinery/resource-type.ts';
import { type ObjectFilter, parseFieldSelector, parseLabelSelector } from '../apimachinery/selectors.ts';
import { getMetrics, listMetrics } from '../metrics-server/metrics-api.ts';
import type { DeleteOptions } from '../storage/objects.ts';
import { recordUpdate } from './apply/managed-fields.ts';
import { type Answer, type ApiParts, isDryRun, type ResourceCall } from './call.ts';
import { applyContentType, patchObject } from './patch-verb.ts';
import { tableOf, wantsTable } from './printers/table.ts';
import { answerVirtual } from './reviews.ts';
import { checkApplied, checkMergePatch, checkWholeObject } from './schema/validate-body.ts';
import { answerSubresource } from './subresources.ts';

export async function answerResource(parts: ApiParts, call: ResourceCall): Promise<Answer> {
  if (call.type.virtual) return answerVirtual(parts, call);
  if (call.type.computed) return answerMetrics(parts, call);
  if (call.subresource) return answerSubresource(parts, call);
  await checkBody(call);
  switch (call.verb) {
    case 'get':
      return shown(call, parts.objects.get(call.type, call.namespace, call.name!));
    case 'list':
      return list(parts, call);
    case 'create':
      return { code: 201, body: create(parts, call) };
    case 'update':
      return { code: 200, body: update(parts, call) };
    case 'patch':
      return patchObject(parts, call);
    case 'delete':
      return { code: 200, body: remove(parts, call) };
    case 'deletecollection':
      return removeAll(parts, call);
    default:
      throw methodNotAllowed();
  }
}

function shown(call: ResourceCall, object: KubeObject): Answer {
  if (!wantsTable(call.accept)) return { code: 200, body: object };
  const { resourceVersion } = object.metadata;
  return { code: 200, body: tableOf(call.type, [object], resourceVersion, call.query.get('includeObject')) };
}

export function filterOf({ query, name }: ResourceCall): ObjectFilter {
  const labels = parseLabelSelector(query.get('labelSelector') ?? '');
  const fields = parseFieldSelector(query.get('fieldSelector') ?? '');
  return (object) => (name === undefined || object.metadata.name === name) && labels(object) && fields(object);
}

async function checkBody({ type, namespace, name, verb, query, contentType, body }: ResourceCall): Promise<void> {
  const isStrict = query.get('fieldValidation') === 'Strict';
  const checked = { type, namespace, name, body, isStrict };
  if (verb === 'create' || verb === 'update') await checkWholeObject(checked);
  if (verb !== 'patch') return;
  if (contentType === applyContentType) await checkApplied(checked);
  else await checkMergePatch(checked);
}

function answerMetrics(parts: ApiParts, call: ResourceCall): Answer {
  const { type, namespace, name, verb } = call;
  if (verb === 'list') return listed(parts, call, listMetrics(parts, type, namespace));
  if (verb === 'get' && !call.subresource) return shown(call, getMetrics(parts, type, namespace, name!));
  throw methodNotAllowed();
}

function list(parts: ApiParts, call: ResourceCall): Answer {
  return listed(parts, call, parts.objects.list(call.type, call.namespace));
}

function listed({ objects }: ApiParts, call: ResourceCall, all: readonly KubeObject[]): Answer {
  const { type, query } = call;
  const items = all.filter(filterOf(call));
  const resourceVersion = String(objects.store.version);
  if (wantsTable(call.accept)) {
    return { code: 200, body: tableOf(type, items, resourceVersion, query.get('includeObject')) };
  }
  return {
    code: 200,
    body: { kind: `${type.kind}List`, apiVersion: apiVersionOf(type), metadata: { resourceVersion }, items },
  };
}

/** The body, checked to be of the kind and namespace that the URL names. */
export function objectOf({ type, namespace, name, body }: ResourceCall): Open {
  if (!isRecord(body)) throw badRequest('the request has no object in its body');
  const wanted = apiVersionOf(type);
  if ((body.kind ?? type.kind) !== type.kind || (body.apiVersion ?? wanted) !== wanted) {
    throw badRequest(`${body.apiVersion}/${body.kind} in the body does not match ${wanted}/${type.kind} of the URL`);
  }
  body.metadata ??= {};
  if (namespace && (body.metadata.namespace ?? namespace) !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (name && (body.metadata.name ?? name) !== name) {
    throw badRequest(`the name of the object (${body.metadata.name}) does not match the name on the URL (${name})`);
  }
  return {
    ...body,
    apiVersion: wanted,
    kind: type.kind,
    metadata: { ...body.metadata, ...(namespace && { namespace }), ...(name && { name }) },
  };
}

function create({ objects }: ApiParts, call: ResourceCall): KubeObject {
  const object = objectOf(call);
  recordUpdate(object, undefined, call.manager);
  return objects.create(call.type, object, { dryRun: isDryRun(call) });
}

function update({ objects }: ApiParts, call: ResourceCall): KubeObject {
  const { type, namespace, name } = call;
  const next = objectOf(call);
  const change = (draft: KubeObject) => replaceContent(draft, next, call);
  return objects.update(type, namespace, name!, change, { dryRun: isDryRun(call) });
}

/** Puts the content of `next` into the draft; the status stays when it has a door of its own. */
export function replaceContent(draft: KubeObject, next: KubeObject, { type, manager }: ResourceCall): void {
  const before = { ...draft };
  const status = draft.status;
  for (const key of Object.keys(draft)) delete draft[key];
  Object.assign(draft, next);
  if (type.subresources.includes('status')) {
    if (status === undefined) delete draft.status;
    else draft.status = status;
  }
  recordUpdate(draft, before, manager);
}

function remove({ objects }: ApiParts, call: ResourceCall): object {
  const deleted = objects.delete(call.type, call.namespace, call.name!, deleteOptions(call));
  const pending = objects.find(call.type, call.namespace, call.name!);
  return pending?.metadata.uid === deleted.metadata.uid ? deleted : success(call, deleted);
}

function removeAll({ objects }: ApiParts, call: ResourceCall): Answer {
  const { type, namespace } = call;
  const items = objects.list(type, namespace).filter(filterOf(call));
  for (const { metadata } of items) objects.delete(type, metadata.namespace, metadata.name, deleteOptions(call));
  return { code: 200, body: { kind: `${type.kind}List`, apiVersion: apiVersionOf(type), metadata: {}, items } };
}

function deleteOptions(call: ResourceCall): DeleteOptions {
  const { body, query } = call;
  const grace = body?.gracePeriodSeconds ?? query.get('gracePeriodSeconds') ?? undefined;
  const propagationPolicy = body?.propagationPolicy ?? query.get('propagationPolicy') ?? undefined;
  if (propagationPolicy && !['Background', 'Foreground', 'Orphan'].includes(propagationPolicy)) {
    throw new ApiError(
      422,
      'Invalid',
      `propagationPolicy: "${propagationPolicy}" must be Background, Foreground or Orphan`,
    );
  }
  return {
    ...(grace !== undefined && { gracePeriodSeconds: Number(grace) }),
    ...(propagationPolicy && { propagationPolicy }),
    ...(body?.preconditions && { preconditions: body.preconditions }),
    dryRun: isDryRun(call),
  };
}

function success({ type }: ResourceCall, { metadata }: KubeObject): object {
  const details = {
    name: metadata.name,
    ...(type.group && { group: type.group }),
    kind: type.plural,
    uid: metadata.uid,
  };
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details,
    message: `${qualified(type)} "${metadata.name}" deleted`,
  };
}

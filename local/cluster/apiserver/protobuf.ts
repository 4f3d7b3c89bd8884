/**
 * Kubernetes' protobuf encoding, for the few kinds that kubectl posts in it (`create namespace|configmap|secret|...`,
 * `create token`, `auth can-i`). Field numbers are those of the generated.proto files of k8s.io/api.
 */
import { ApiError, badRequest } from '../apimachinery/errors.ts';
import { type JsonObject, objectAt, stringAt } from '../apimachinery/json.ts';

export const protobufContentType = 'application/vnd.kubernetes.protobuf';

type FieldKind =
  | 'string'
  | 'bytes'
  | 'integer'
  | 'boolean'
  | 'strings'
  | 'stringMap'
  | 'bytesMap'
  | Message
  | { readonly listOf: Message };
interface Message {
  readonly [fieldNumber: number]: readonly [name: string, kind: FieldKind];
}

const metadata: Message = {
  1: ['name', 'string'],
  2: ['generateName', 'string'],
  3: ['namespace', 'string'],
  11: ['labels', 'stringMap'],
  12: ['annotations', 'stringMap'],
};
const rule: Message = {
  1: ['verbs', 'strings'],
  2: ['apiGroups', 'strings'],
  3: ['resources', 'strings'],
  4: ['resourceNames', 'strings'],
  5: ['nonResourceURLs', 'strings'],
};
const subject: Message = {
  1: ['kind', 'string'],
  2: ['apiGroup', 'string'],
  3: ['name', 'string'],
  4: ['namespace', 'string'],
};
const roleRef: Message = { 1: ['apiGroup', 'string'], 2: ['kind', 'string'], 3: ['name', 'string'] };
const role: Message = { 1: ['metadata', metadata], 2: ['rules', { listOf: rule }] };
const binding: Message = { 1: ['metadata', metadata], 2: ['subjects', { listOf: subject }], 3: ['roleRef', roleRef] };
const boundObject: Message = {
  1: ['kind', 'string'],
  2: ['apiVersion', 'string'],
  3: ['name', 'string'],
  4: ['uid', 'string'],
};
const resourceAttributes: Message = {
  1: ['namespace', 'string'],
  2: ['verb', 'string'],
  3: ['group', 'string'],
  4: ['version', 'string'],
  5: ['resource', 'string'],
  6: ['subresource', 'string'],
  7: ['name', 'string'],
};
const onlyMetadata: Message = { 1: ['metadata', metadata] };
const messages: Readonly<Record<string, Message>> = {
  Namespace: onlyMetadata,
  ServiceAccount: onlyMetadata,
  SelfSubjectReview: onlyMetadata,
  ConfigMap: { ...onlyMetadata, 2: ['data', 'stringMap'], 3: ['binaryData', 'bytesMap'], 4: ['immutable', 'boolean'] },
  Secret: {
    ...onlyMetadata,
    2: ['data', 'bytesMap'],
    3: ['type', 'string'],
    4: ['stringData', 'stringMap'],
    5: ['immutable', 'boolean'],
  },
  Role: role,
  ClusterRole: role,
  RoleBinding: binding,
  ClusterRoleBinding: binding,
  TokenRequest: {
    ...onlyMetadata,
    2: [
      'spec',
      { 1: ['audiences', 'strings'], 3: ['boundObjectRef', boundObject], 4: ['expirationSeconds', 'integer'] },
    ],
  },
  SelfSubjectAccessReview: {
    ...onlyMetadata,
    2: [
      'spec',
      {
        1: ['resourceAttributes', resourceAttributes],
        2: ['nonResourceAttributes', { 1: ['path', 'string'], 2: ['verb', 'string'] }],
      },
    ],
  },
};

const prefix = Buffer.from('k8s\0');
const envelope: Message = {
  1: ['typeMeta', { 1: ['apiVersion', 'string'], 2: ['kind', 'string'] }],
  2: ['raw', 'bytes'],
};

/** The object in a protobuf body. @throws ApiError UnsupportedMediaType for a kind that is not in the table above */
export function decodeProtobuf(body: Buffer): JsonObject {
  if (!body.subarray(0, prefix.length).equals(prefix)) throw badRequest('the body is not a Kubernetes protobuf object');
  const content = decode(body.subarray(prefix.length), envelope);
  const kind = stringAt(content, 'typeMeta', 'kind') ?? '';
  const message = messages[kind];
  if (!message) {
    const hint = `the twin reads ${kind} as application/json or application/yaml only: use kubectl apply -f`;
    throw new ApiError(415, 'UnsupportedMediaType', hint);
  }
  const raw = Buffer.from(stringAt(content, 'raw') ?? '', 'base64');
  return { ...objectAt(content, 'typeMeta'), ...decode(raw, message) };
}

function decode(bytes: Buffer, message: Message): JsonObject {
  const object: JsonObject = {};
  let offset = 0;
  const readVarint = (): number => {
    let number = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[offset++];
      if (byte === undefined) throw badRequest('the protobuf body ends too early');
      number += (byte & 0x7f) * factor;
      if (byte < 0x80) return number;
    }
  };
  while (offset < bytes.length) {
    const tag = readVarint();
    const wireType = tag & 7;
    if (wireType !== 0 && wireType !== 2) throw badRequest(`protobuf wire type ${wireType} is not used by Kubernetes`);
    const number = readVarint();
    const field = message[tag >> 3];
    if (wireType === 0) {
      if (field) object[field[0]] = field[1] === 'boolean' ? number === 1 : number;
      continue;
    }
    const content = bytes.subarray(offset, offset + number);
    offset += number;
    if (field) setField(object, field, content);
  }
  return object;
}

function setField(object: JsonObject, [name, kind]: readonly [string, FieldKind], content: Buffer): void {
  if (typeof kind === 'object') {
    if ('listOf' in kind) append(object, name, decode(content, kind.listOf));
    else object[name] = decode(content, kind);
    return;
  }
  switch (kind) {
    case 'strings':
      append(object, name, content.toString());
      return;
    case 'stringMap':
    case 'bytesMap': {
      const valueKind = kind === 'stringMap' ? 'string' : 'bytes';
      const entry = decode(content, { 1: ['key', 'string'], 2: ['value', valueKind] });
      const key = stringAt(entry, 'key') ?? '';
      object[name] = { ...objectAt(object, name), [key]: stringAt(entry, 'value') ?? '' };
      return;
    }
    case 'bytes':
      object[name] = content.toString('base64');
      return;
    default:
      // Kubernetes' protobuf contains empty strings, which its JSON leaves out.
      if (content.length > 0) object[name] = content.toString();
  }
}

function append(object: JsonObject, name: string, item: unknown): void {
  const items = object[name];
  object[name] = [...(Array.isArray(items) ? items : []), item];
}

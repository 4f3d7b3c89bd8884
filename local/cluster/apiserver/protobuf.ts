/**
 * Kubernetes' protobuf encoding, for the few kinds that kubectl posts in it (`create namespace|configmap|secret|...`,
 * `create token`, `auth can-i`). Field numbers are those of the generated.proto files of k8s.io/api.
 */
import { ApiError, badRequest } from '../apimachinery/errors.ts';
import type { Open } from '../apimachinery/object.ts';

export const protobufContentType = 'application/vnd.kubernetes.protobuf';

type Kind =
  | 'string'
  | 'bytes'
  | 'integer'
  | 'boolean'
  | 'strings'
  | 'stringMap'
  | 'bytesMap'
  | Message
  | readonly [Message];
interface Message {
  readonly [field: number]: readonly [name: string, kind: Kind];
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
const role: Message = { 1: ['metadata', metadata], 2: ['rules', [rule]] };
const binding: Message = { 1: ['metadata', metadata], 2: ['subjects', [subject]], 3: ['roleRef', roleRef] };
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

/** The object in a protobuf body. @throws ApiError UnsupportedMediaType for a kind the twin reads as JSON or YAML only */
export function decodeProtobuf(body: Buffer): Open {
  if (!body.subarray(0, prefix.length).equals(prefix)) throw badRequest('the body is not a Kubernetes protobuf object');
  const { typeMeta, raw } = decode(body.subarray(prefix.length), envelope);
  const message = messages[typeMeta?.kind];
  if (!message) {
    const why = `the twin reads ${typeMeta?.kind} as application/json or application/yaml only: use kubectl apply -f`;
    throw new ApiError(415, 'UnsupportedMediaType', why);
  }
  return { ...typeMeta, ...decode(Buffer.from(raw ?? '', 'base64'), message) };
}

function decode(bytes: Buffer, message: Message): Open {
  const value: Open = {};
  let at = 0;
  const varint = (): number => {
    let number = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) throw badRequest('the protobuf body ends too early');
      number += (byte & 0x7f) * factor;
      if (byte < 0x80) return number;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const isNumber = (tag & 7) === 0;
    if (!isNumber && (tag & 7) !== 2) throw badRequest(`protobuf wire type ${tag & 7} is not used by Kubernetes`);
    const number = varint();
    const content = isNumber ? undefined : bytes.subarray(at, at + number);
    at += isNumber ? 0 : number;
    const field = message[tag >> 3];
    if (field) assign(value, field, content, number);
  }
  return value;
}

function assign(value: Open, [name, kind]: readonly [string, Kind], content: Buffer | undefined, number: number): void {
  if (content === undefined) value[name] = kind === 'boolean' ? number === 1 : number;
  else if (kind === 'strings') value[name] = [...(value[name] ?? []), content.toString()];
  else if (kind === 'stringMap' || kind === 'bytesMap') {
    const entry = decode(content, { 1: ['key', 'string'], 2: ['value', kind === 'stringMap' ? 'string' : 'bytes'] });
    value[name] = { ...value[name], [entry.key ?? '']: entry.value ?? '' };
  } else if (Array.isArray(kind)) value[name] = [...(value[name] ?? []), decode(content, kind[0])];
  else if (typeof kind === 'object') value[name] = decode(content, kind as Message);
  // Kubernetes' protobuf writes empty strings out; its JSON leaves them away.
  else if (kind === 'bytes') value[name] = content.toString('base64');
  else if (content.length > 0) value[name] = content.toString();
}

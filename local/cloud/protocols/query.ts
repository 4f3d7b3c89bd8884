/**
 * awsQuery and ec2Query: a form in, XML out.
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html, https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html
 */
import type { HttpRequest } from './http.ts';
import type { ParsedCall, Protocol } from './protocol.ts';
import { contentOf } from './xml.ts';

type Tree = { [name: string]: Tree | string };

const headers = { 'content-type': 'text/xml' };

export const queryProtocol: Protocol = {
  parse: parseForm,
  respond: ({ operation }, output, requestId) => ({
    status: 200,
    headers,
    body: `<${operation}Response><${operation}Result>${contentOf(output, 'member')}</${operation}Result><ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${operation}Response>`,
  }),
  respondError: ({ code, message, status }, requestId) => ({
    status,
    headers,
    body: `<ErrorResponse><Error>${contentOf({ Type: status < 500 ? 'Sender' : 'Receiver', Code: code, Message: message }, null)}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
  }),
  unknownKey: {
    code: 'InvalidClientTokenId',
    message: 'The security token included in the request is invalid.',
    status: 403,
  },
  expiredKey: {
    code: 'ExpiredToken',
    message: 'The security token included in the request is expired',
    status: 403,
  },
};

export const ec2Protocol: Protocol = {
  parse: parseForm,
  respond: ({ operation }, output, requestId) => ({
    status: 200,
    headers,
    body: `<${operation}Response><requestId>${requestId}</requestId>${contentOf(output, 'item')}</${operation}Response>`,
  }),
  respondError: ({ code, message, status }, requestId) => ({
    status,
    headers,
    body: `<Response><Errors><Error>${contentOf({ Code: code, Message: message }, null)}</Error></Errors><RequestID>${requestId}</RequestID></Response>`,
  }),
  unknownKey: {
    code: 'AuthFailure',
    message: 'AWS was not able to validate the provided access credentials',
    status: 401,
  },
  expiredKey: { code: 'RequestExpired', message: 'Request has expired.', status: 400 },
};

function parseForm({ body }: HttpRequest): ParsedCall {
  const form = new URLSearchParams(body.toString('utf8'));
  const tree: Tree = {};
  for (const [name, value] of form) {
    if (name !== 'Action' && name !== 'Version') setPath(tree, name.split('.'), value);
  }
  return {
    operation: form.get('Action') ?? '',
    input: Object.fromEntries(Object.entries(tree).map(([name, branch]) => [name, listsIn(branch)])),
  };
}

/** Sets `Filter.1.Name` as tree.Filter.1.Name. */
function setPath(tree: Tree, [name, ...rest]: readonly string[], value: string): void {
  if (name === undefined || name === '__proto__') return;
  if (rest.length === 0) {
    tree[name] = value;
    return;
  }
  const branch = tree[name];
  const next: Tree = typeof branch === 'object' ? branch : {};
  tree[name] = next;
  setPath(next, rest, value);
}

/** {1: a, 2: b} and {member: {1: a, 2: b}} are lists. An empty list is sent as an empty value and stays one. */
function listsIn(branch: Tree | string): unknown {
  if (typeof branch === 'string') return branch;
  const names = Object.keys(branch);
  const wrapped = names.length === 1 && (names[0] === 'member' || names[0] === 'entry') ? branch[names[0]] : undefined;
  if (typeof wrapped === 'object') return listsIn(wrapped);
  if (names.every((name) => /^\d+$/.test(name))) {
    return names.sort((a, b) => Number(a) - Number(b)).map((name) => listsIn(branch[name]!));
  }
  return Object.fromEntries(names.map((name) => [name, listsIn(branch[name]!)]));
}

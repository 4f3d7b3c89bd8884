/** Finds the service and the protocol of a request. */
import type { Service } from '../service.ts';
import type { HttpRequest } from './http.ts';
import { jsonProtocol } from './json.ts';
import type { Protocol } from './protocol.ts';
import { ec2Protocol, queryProtocol } from './query.ts';
import { restProtocol } from './rest.ts';
import type { Signer } from './signature.ts';

export interface Route {
  readonly service: string;
  readonly protocol: Protocol;
}

/** The only query service with unsigned calls (AssumeRoleWithWebIdentity) is STS. */
const unsignedQueryService = 'sts';

export function routeOf(
  request: Omit<HttpRequest, 'body'>,
  signer: Signer | undefined,
  services: ReadonlyMap<string, Service>,
): Route {
  const contentType = request.headers['content-type'] ?? '';
  if (request.headers['x-amz-target'] !== undefined) {
    const service = signer?.service ?? 'unsigned';
    return { service, protocol: jsonProtocol(service, contentType.includes('1.0') ? '1.0' : '1.1') };
  }
  // A signed request is for the service that it is signed for: a form can be an object's content.
  const signedBinding = signer === undefined ? undefined : services.get(signer.service)?.rest;
  if (signedBinding === undefined && contentType.startsWith('application/x-www-form-urlencoded')) {
    const service = signer?.service ?? unsignedQueryService;
    return { service, protocol: service === 'ec2' ? ec2Protocol : queryProtocol };
  }
  // An unsigned request that is no form is for an object: S3 is the only service whose content can be public.
  const service = signer?.service ?? 's3';
  const binding = services.get(service)?.rest;
  return { service, protocol: binding === undefined ? queryProtocol : restProtocol(binding) };
}

/** REST protocols: the service itself knows how its operations lie in paths and headers. */
import type { RestBinding } from '../service.ts';
import type { Protocol } from './protocol.ts';

export function restProtocol(binding: RestBinding): Protocol {
  return {
    parse: (request) => binding.parse(request),
    reply: ({ operation }, output) => binding.reply(operation, output),
    replyError: (error, requestId) => binding.replyError(error, requestId),
    unknownKey: {
      code: 'InvalidAccessKeyId',
      message: 'The AWS Access Key Id you provided does not exist in our records.',
      status: 403,
    },
    expiredKey: { code: 'ExpiredToken', message: 'The provided token has expired.', status: 400 },
  };
}

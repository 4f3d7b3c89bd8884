import { z } from 'zod';
import { globalArnOf } from '../arns.ts';
import type { Core } from '../core.ts';
import { callerArn } from '../iam/authorizer.ts';
import { type Role, requireRole } from '../iam/iam-store.ts';
import { operation } from '../operation.ts';
import { queryNumber } from '../schema.ts';
import type { CloudModule } from '../service.ts';
import { ServiceError } from '../service-error.ts';
import { isTrusted } from './trust.ts';
import { verifyWebIdentity } from './web-identity.ts';

const minDurationSeconds = 900;
const maxDurationSeconds = 43_200;
const durationRange = `must be from ${minDurationSeconds} to ${maxDurationSeconds}`;

const sessionInput = z.object({
  RoleArn: z.string(),
  RoleSessionName: z.string().regex(/^[\w+=,.@-]{2,64}$/, { error: 'must be 2 to 64 of the characters \\w+=,.@-' }),
  DurationSeconds: queryNumber
    .min(minDurationSeconds, { error: durationRange })
    .max(maxDurationSeconds, { error: durationRange })
    .default(3600),
});
const webIdentityInput = sessionInput.extend({ WebIdentityToken: z.string() });

type SessionInput = z.output<typeof sessionInput>;

/** STS: role sessions, among them those of pods, which show their service account's token. */
export function createStsModule(core: Core): CloudModule {
  const { accountId } = core;
  const accountPrincipals = [accountId, globalArnOf(accountId, 'iam', 'root')];

  const assumeRoleWithWebIdentity = operation(webIdentityInput, async (input) => {
    const { provider, subject, audience } = await verifyWebIdentity(core, input.WebIdentityToken);
    const action = 'sts:AssumeRoleWithWebIdentity';
    const host = provider.url.replace(/^https:\/\//, '');
    const context = { [`${host}:sub`]: subject, [`${host}:aud`]: audience };
    const role = findRole(core, input.RoleArn);
    if (role === undefined || !isTrusted(role, { action, kind: 'Federated', principals: [provider.arn], context })) {
      core.context.log('sts', `${subject} (audience ${audience}) may not assume ${input.RoleArn}`);
      throw new ServiceError('AccessDenied', `Not authorized to perform ${action}`, 403);
    }
    return {
      ...startSession(core, role, input),
      SubjectFromWebIdentityToken: subject,
      Audience: audience,
      Provider: provider.arn,
    };
  });

  const assumeRole = operation(sessionInput, (input, { caller }) => {
    const action = 'sts:AssumeRole';
    const ownArn = caller.principal.kind === 'role' ? [caller.principal.roleArn] : [];
    const principals = ['*', ...ownArn, ...accountPrincipals];
    const role = findRole(core, input.RoleArn);
    if (role === undefined || !isTrusted(role, { action, kind: 'AWS', principals, context: {} })) {
      const message = `User: ${callerArn(caller)} is not authorized to perform: ${action} on resource: ${input.RoleArn}`;
      throw new ServiceError('AccessDenied', message, 403);
    }
    return startSession(core, role, input);
  });

  const getCallerIdentity = operation(z.object({}), (_input, { caller }) => {
    if (caller.principal.kind === 'anonymous') {
      throw new ServiceError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
    }
    const isOperator = caller.principal.kind === 'operator';
    return {
      Account: accountId,
      Arn: isOperator ? globalArnOf(accountId, 'iam', 'user/operator') : callerArn(caller),
      UserId: caller.accessKeyId,
    };
  });

  return {
    services: [
      {
        name: 'sts',
        operations: {
          AssumeRole: assumeRole,
          AssumeRoleWithWebIdentity: assumeRoleWithWebIdentity,
          GetCallerIdentity: getCallerIdentity,
        },
        // A web identity token is its own proof, and GetCallerIdentity needs no permission.
        isPublic: (operation) => operation !== 'AssumeRole',
        resourcesOf: (_operation, { RoleArn }) => (RoleArn === undefined ? [] : [String(RoleArn)]),
      },
    ],
    providers: [],
  };
}

/** @returns undefined for a role that does not exist: the response must not differ from that for one that is not trusted */
function findRole(core: Core, roleArn: string): Role | undefined {
  try {
    const role = requireRole(core.iam, roleArn);
    return role.arn === roleArn ? role : undefined;
  } catch {
    return undefined;
  }
}

function startSession(core: Core, role: Role, { RoleSessionName, DurationSeconds }: SessionInput) {
  const principal = { kind: 'role', roleArn: role.arn, sessionName: RoleSessionName } as const;
  const credentials = core.credentials.issue(principal, DurationSeconds);
  return {
    Credentials: {
      AccessKeyId: credentials.accessKeyId,
      SecretAccessKey: credentials.secretAccessKey,
      SessionToken: credentials.sessionToken,
      Expiration: credentials.expiration,
    },
    AssumedRoleUser: {
      Arn: callerArn({ accessKeyId: credentials.accessKeyId, principal }),
      AssumedRoleId: `AROATWIN:${RoleSessionName}`,
    },
  };
}

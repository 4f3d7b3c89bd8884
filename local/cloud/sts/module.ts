import type { Core } from '../core.ts';
import { callerArn } from '../iam/authorizer.ts';
import { type Role, requireRole } from '../iam/store.ts';
import type { CloudModule, Operation } from '../service.ts';
import { ServiceError } from '../service.ts';
import { trusts } from './trust.ts';
import { verifyWebIdentity } from './web-identity.ts';

const defaultDurationSeconds = 3600;

/** STS: sessions of roles, for pods by their service account's token. */
export function createStsModule(core: Core): CloudModule {
  const accountPrincipals = [core.accountId, `arn:aws:iam::${core.accountId}:root`];

  const assumeRoleWithWebIdentity: Operation = async (input) => {
    const { provider, subject, audience } = await verifyWebIdentity(core, input.WebIdentityToken ?? '');
    const action = 'sts:AssumeRoleWithWebIdentity';
    const role = findRole(core, input.RoleArn);
    const host = provider.url.replace(/^https:\/\//, '');
    const claims = { [`${host}:sub`]: subject, [`${host}:aud`]: audience };
    if (role === undefined || !trusts(role, action, 'Federated', [provider.arn], claims)) {
      core.context.log('sts', `${subject} (audience ${audience}) may not take ${input.RoleArn}`);
      throw new ServiceError('AccessDenied', `Not authorized to perform ${action}`, 403);
    }
    return {
      ...session(core, role, input),
      SubjectFromWebIdentityToken: subject,
      Audience: audience,
      Provider: provider.arn,
    };
  };

  const assumeRole: Operation = async (input, { caller }) => {
    const role = findRole(core, input.RoleArn);
    const own = caller.principal.kind === 'role' ? [caller.principal.roleArn] : [];
    const principals = ['*', ...own, ...accountPrincipals];
    if (role === undefined || !trusts(role, 'sts:AssumeRole', 'AWS', principals, {})) {
      const message = `User: ${callerArn(caller)} is not authorized to perform: sts:AssumeRole on resource: ${input.RoleArn}`;
      throw new ServiceError('AccessDenied', message, 403);
    }
    return session(core, role, input);
  };

  const getCallerIdentity: Operation = async (_input, { caller }) => {
    if (caller.principal.kind === 'anonymous') {
      throw new ServiceError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
    }
    const isOperator = caller.principal.kind === 'operator';
    return {
      Account: core.accountId,
      Arn: isOperator ? `arn:aws:iam::${core.accountId}:user/operator` : callerArn(caller),
      UserId: caller.accessKeyId,
    };
  };

  return {
    services: [
      {
        name: 'sts',
        operations: {
          AssumeRole: assumeRole,
          AssumeRoleWithWebIdentity: assumeRoleWithWebIdentity,
          GetCallerIdentity: getCallerIdentity,
        },
        // The token is the proof; and everyone may ask who they are.
        isPublic: (operation) => operation !== 'AssumeRole',
        resourcesOf: (_operation, input) => (input['RoleArn'] === undefined ? [] : [String(input['RoleArn'])]),
      },
    ],
    providers: [],
  };
}

/** A role that does not exist is answered like one that may not be taken. */
function findRole(core: Core, roleArn: unknown): Role | undefined {
  try {
    const role = requireRole(core.identity, String(roleArn));
    return role.arn === roleArn ? role : undefined;
  } catch {
    return undefined;
  }
}

interface SessionInput {
  readonly RoleSessionName?: string;
  /** Query protocols carry numbers as text. */
  readonly DurationSeconds?: string | number;
}

function session(core: Core, role: Role, { RoleSessionName, DurationSeconds }: SessionInput) {
  const sessionName = RoleSessionName ?? '';
  if (!/^[\w+=,.@-]{2,64}$/.test(sessionName)) {
    throw new ServiceError(
      'ValidationError',
      `RoleSessionName "${sessionName}" must be 2 to 64 of the characters \\w+=,.@-`,
    );
  }
  const lifetimeSeconds = Number(DurationSeconds ?? defaultDurationSeconds);
  if (!(lifetimeSeconds >= 900 && lifetimeSeconds <= 43_200)) {
    throw new ServiceError('ValidationError', `DurationSeconds ${DurationSeconds} must be from 900 to 43200`);
  }
  const principal = { kind: 'role', roleArn: role.arn, sessionName } as const;
  const credentials = core.credentials.issue(principal, lifetimeSeconds);
  return {
    Credentials: {
      AccessKeyId: credentials.accessKeyId,
      SecretAccessKey: credentials.secretAccessKey,
      SessionToken: credentials.sessionToken,
      Expiration: credentials.expiration,
    },
    AssumedRoleUser: {
      Arn: callerArn({ accessKeyId: credentials.accessKeyId, principal }),
      AssumedRoleId: `AROATWIN:${sessionName}`,
    },
  };
}

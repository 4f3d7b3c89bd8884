import { describe, expect, it } from 'vitest';
import { workloadNames } from '#infra/lib/workload-names.ts';
import { clusterTemplate, type Resource, resourcesOf } from '#support/infra.ts';

const template = clusterTemplate();

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: object;
}

const listOf = <Value>(value: Value | readonly Value[]): readonly Value[] =>
  (Array.isArray(value) ? value : [value]) as readonly Value[];

/** Statements of the policies that are attached to the role with this description. */
const statementsOf = (description: string): readonly Statement[] => {
  const [roleId] = Object.entries(resourcesOf(template, 'AWS::IAM::Role')).find(
    ([, { Properties }]) => Properties.Description === description,
  )!;
  return Object.values(resourcesOf(template, 'AWS::IAM::Policy'))
    .filter(({ Properties }) => Properties.Roles.some(({ Ref }: { Ref: string }) => Ref === roleId))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
};
const actionsOf = (description: string) => statementsOf(description).flatMap(({ Action }) => listOf(Action));
const roleOf = (description: string): Resource =>
  Object.values(resourcesOf(template, 'AWS::IAM::Role')).find(
    ({ Properties }) => Properties.Description === description,
  )!;

const everyPolicy = Object.entries(resourcesOf(template, 'AWS::IAM::Policy')).flatMap(([id, { Properties }]) =>
  (Properties.PolicyDocument.Statement as Statement[]).map((statement) => ({ id, statement })),
);

describe('every policy', () => {
  it('lists its actions', () => {
    const starred = everyPolicy.filter(({ statement }) =>
      listOf(statement.Action).some((action) => action.includes('*')),
    );
    expect(starred).toEqual([]);
  });

  it('names its resources wherever AWS lets it', () => {
    // https://docs.aws.amazon.com/service-authorization/latest/reference/: none of these has resource-level permissions.
    const unbound =
      /^(ec2:Describe|autoscaling:Describe|ssm:(Describe|UpdateInstanceInformation|List(Instance)?Associations|GetCommandInvocation)|ssmmessages:|ec2messages:|xray:|logs:(CreateLogDelivery|GetLogDelivery|UpdateLogDelivery|DeleteLogDelivery|ListLogDeliveries|PutResourcePolicy|DescribeResourcePolicies|DescribeLogGroups))/;
    // Lambda demands them on all resources to place a function into a VPC.
    const interfaces = /^ec2:(Create|Delete)NetworkInterface$|^ec2:(Una|A)ssignPrivateIpAddresses$/;
    const loose = everyPolicy
      .filter(({ statement }) => listOf(statement.Resource).includes('*'))
      .flatMap(({ statement }) => listOf(statement.Action))
      .filter((action) => !unbound.test(action) && !interfaces.test(action));
    expect(loose).toEqual([]);
  });
});

describe('role of the control plane (S2)', () => {
  const description = 'Control plane of shapes';

  it('has what the cloud controller manager and image pulls need, and no full access', () => {
    expect(JSON.stringify(roleOf(description).Properties.ManagedPolicyArns)).toMatch(
      /AmazonEKSClusterPolicy.*AmazonEC2ContainerRegistryPullOnly/,
    );
    expect(JSON.stringify(roleOf(description).Properties.ManagedPolicyArns)).not.toContain('FullAccess');
  });

  it('writes the two documents of the issuer, and the secrets of the cluster', () => {
    const issuer = statementsOf(description).find(({ Action }) => listOf(Action).includes('s3:PutObject'))!;
    expect(JSON.stringify(issuer.Resource)).toContain('/.well-known/openid-configuration');
    expect(JSON.stringify(issuer.Resource)).toContain('/openid/v1/jwks');
    expect(listOf(issuer.Resource)).toHaveLength(2);
    const secrets = statementsOf(description).find(({ Action }) =>
      listOf(Action).includes('secretsmanager:PutSecretValue'),
    )!;
    const names = listOf(secrets.Resource as { Ref: string }).map(
      ({ Ref }) => resourcesOf(template, 'AWS::SecretsManager::Secret')[Ref]!.Properties.Name,
    );
    expect(names.sort()).toEqual([
      'shapes/join',
      'shapes/kubeconfig/deployer',
      'shapes/kubeconfig/drainer',
      'shapes/kubeconfig/viewer',
    ]);
  });
});

describe('role of the workers (S2)', () => {
  const description = 'Workers of shapes';

  it('has what the kubelet needs, reads the join credentials and writes no secret', () => {
    expect(JSON.stringify(roleOf(description).Properties.ManagedPolicyArns)).toMatch(
      /AmazonEKSWorkerNodePolicy.*AmazonEC2ContainerRegistryPullOnly/,
    );
    expect(actionsOf(description).filter((action) => action.startsWith('secretsmanager:'))).toEqual([
      'secretsmanager:GetSecretValue',
    ]);
    expect(actionsOf(description).filter((action) => action.startsWith('s3:'))).toEqual([]);
  });
});

describe('start-command', () => {
  it("sends the cluster's own documents, to instances with the cluster's tag", () => {
    const sends = statementsOf('Lambda function shapes-start-command').filter(({ Action }) =>
      listOf(Action).includes('ssm:SendCommand'),
    );
    const [documents, instances] = [
      sends.find(({ Condition }) => !Condition)!,
      sends.find(({ Condition }) => Condition)!,
    ];
    expect(JSON.stringify(documents.Resource)).not.toContain('*');
    expect(listOf(documents.Resource)).toHaveLength(6);
    expect(instances.Condition).toEqual({ StringEquals: { 'ssm:resourceTag/kubernetes.io/cluster/shapes': 'owned' } });
  });
});

describe('ensure-control-plane', () => {
  it('launches from the launch template only, and passes on the control plane role only', () => {
    const statements = statementsOf('Lambda function shapes-ensure-control-plane');
    const launches = statements.filter(({ Action }) => listOf(Action).includes('ec2:RunInstances'));
    const created = launches.find(({ Resource: resource }) => JSON.stringify(resource).includes('instance/*'))!;
    expect(Object.keys(created.Condition!)).toEqual(['ArnEquals']);
    const pass = statements.find(({ Action }) => listOf(Action).includes('iam:PassRole'))!;
    expect(pass.Condition).toEqual({ StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } });
    expect(listOf(pass.Resource)).toHaveLength(1);
  });
});

const podRole = (serviceAccount: string) => `Pods of service account stepkube/${serviceAccount}`;

describe.each(workloadNames)('role of service account %s', (serviceAccount) => {
  it('trusts the tokens of this service account for STS, from this issuer', () => {
    const {
      'Fn::Sub': [text, values],
    } = roleOf(podRole(serviceAccount)).Properties.AssumeRolePolicyDocument;
    const trust = JSON.parse(
      text.replaceAll('${IssuerHost}', 'issuer.example').replaceAll('${Provider}', 'provider-arn'),
    );
    expect(trust.Statement).toEqual([
      {
        Effect: 'Allow',
        Principal: { Federated: 'provider-arn' },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: {
          StringEquals: {
            'issuer.example:sub': `system:serviceaccount:stepkube:${serviceAccount}`,
            'issuer.example:aud': 'sts.amazonaws.com',
          },
        },
      },
    ]);
    expect(values.IssuerHost['Fn::Join'][1].slice(1)).toEqual(['.s3.eu-west-1.amazonaws.com']);
  });
});

describe.each(['metering', 'model-analyzer'])('role of service account %s', (serviceAccount) => {
  const nameOf = (resource: unknown): unknown => {
    const [id] = (resource as { 'Fn::GetAtt': [string, string] })['Fn::GetAtt'];
    const { Properties } = (template.toJSON().Resources as Record<string, Resource>)[id]!;
    return Properties.QueueName ?? Properties.TableName;
  };
  const statements = statementsOf(podRole(serviceAccount));

  it('reaches its own queue and its own table, nothing else and nothing of the users', () => {
    const resources = statements.flatMap(({ Resource: resource }) => listOf(resource)).map(nameOf);
    const queue = `shapes-${serviceAccount}`;
    expect(resources).toEqual([queue, `${queue}-dead-letters`, `shapes-${serviceAccount}`]);
  });

  it('takes messages and works on items: no change of the table itself', () => {
    expect(actionsOf(podRole(serviceAccount)).sort()).toEqual([
      'dynamodb:ConditionCheckItem',
      'dynamodb:DeleteItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'dynamodb:Scan',
      'dynamodb:UpdateItem',
      'sqs:ChangeMessageVisibility',
      'sqs:DeleteMessage',
      'sqs:ReceiveMessage',
      'sqs:SendMessage',
    ]);
  });

  it('sends messages to its dead letters only', () => {
    const sends = statements.filter(({ Action }) => listOf(Action).includes('sqs:SendMessage'));
    expect(sends.map(({ Resource: resource }) => nameOf(resource))).toEqual([`shapes-${serviceAccount}-dead-letters`]);
  });
});

describe.each([
  ['yolo5', ['PredictionCompleted', 'PredictionFailed']],
  ['polybot', ['UserForgotten']],
])('events of service account %s', (serviceAccount, types) => {
  it(`are put on the bus in its own name: ${types.join(', ')}`, () => {
    const [bus] = Object.keys(resourcesOf(template, 'AWS::Events::EventBus'));
    const puts = statementsOf(podRole(serviceAccount)).filter(({ Action }) =>
      listOf(Action).includes('events:PutEvents'),
    );
    expect(puts).toEqual([
      expect.objectContaining({
        Action: 'events:PutEvents',
        Resource: { 'Fn::GetAtt': [bus, 'Arn'] },
        Condition: {
          StringEquals: {
            'events:source': `stepkube.${serviceAccount}`,
            'events:detail-type': types,
          },
        },
      }),
    ]);
  });
});

describe.each([
  ['polybot', { put: 'uploads', get: 'annotated', secret: true }],
  ['yolo5', { put: 'annotated', get: 'uploads', secret: false }],
])('role of service account %s', (serviceAccount, { put, get, secret }) => {
  const description = podRole(serviceAccount);

  it('reads one folder of pictures and writes the other', () => {
    const folderOf = (action: string) =>
      statementsOf(description)
        .filter(({ Action }) => listOf(Action).includes(action))
        .map(({ Resource: resource }) => (resource as { 'Fn::Join': [string, unknown[]] })['Fn::Join'][1].at(-1));
    expect(folderOf('s3:PutObject')).toEqual([`/${put}/*`]);
    expect(folderOf('s3:GetObject')).toEqual([`/${get}/*`]);
  });

  it('may list the pictures, without which S3 does not tell a missing picture from a forbidden one', () => {
    expect(actionsOf(description)).toContain('s3:ListBucket');
  });

  it(`${secret ? 'reads the Telegram secret' : 'reads no secret'}`, () => {
    expect(actionsOf(description).includes('secretsmanager:GetSecretValue')).toBe(secret);
  });
});

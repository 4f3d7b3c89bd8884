import { describe, expect, it } from 'vitest';
import { machineNames } from '#infra/lib/machine-files.ts';
import { workloadNames } from '#infra/lib/workload-names.ts';
import { documentNames } from '#ssm-documents/assemble.ts';
import { clusterTemplate, definitionOf, type Resource, resourcesOf } from '#support/infra.ts';

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
  it('every policy lists its actions without wildcards', () => {
    const starred = everyPolicy.filter(({ statement }) =>
      listOf(statement.Action).some((action) => action.includes('*')),
    );
    expect(starred).toEqual([]);
  });

  it('every policy names its resources wherever AWS supports it', () => {
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

describe('role of the control plane', () => {
  const description = 'Control plane of shapes';

  it("the control plane's role can run the cloud controller manager and pull images, without a FullAccess policy", () => {
    expect(JSON.stringify(roleOf(description).Properties.ManagedPolicyArns)).toMatch(
      /AmazonEKSClusterPolicy.*AmazonEC2ContainerRegistryPullOnly/,
    );
    expect(JSON.stringify(roleOf(description).Properties.ManagedPolicyArns)).not.toContain('FullAccess');
  });

  it("the control plane's role writes the issuer's two documents and the secrets of the cluster", () => {
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

describe('role of the workers', () => {
  const description = 'Workers of shapes';

  it("the workers' role serves the kubelet, reads the join credentials and writes no secret", () => {
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
  it("start-command sends the cluster's own documents only, to instances with the cluster's tag only", () => {
    const sends = statementsOf('Lambda function shapes-start-command').filter(({ Action }) =>
      listOf(Action).includes('ssm:SendCommand'),
    );
    const [documents, instances] = [
      sends.find(({ Condition }) => !Condition)!,
      sends.find(({ Condition }) => Condition)!,
    ];
    expect(JSON.stringify(documents.Resource)).not.toContain('*');
    expect(listOf(documents.Resource)).toHaveLength(documentNames.length);
    expect(instances.Condition).toEqual({ StringEquals: { 'ssm:resourceTag/kubernetes.io/cluster/shapes': 'owned' } });
  });
});

describe('ensure-control-plane', () => {
  it("ensure-control-plane launches from its launch template only and passes on the control plane's role only", () => {
    const statements = statementsOf('Lambda function shapes-ensure-control-plane');
    const launches = statements.filter(({ Action }) => listOf(Action).includes('ec2:RunInstances'));
    const created = launches.find(({ Resource: resource }) => JSON.stringify(resource).includes('instance/*'))!;
    expect(Object.keys(created.Condition!)).toEqual(['ArnEquals']);
    const pass = statements.find(({ Action }) => listOf(Action).includes('iam:PassRole'))!;
    expect(pass.Condition).toEqual({ StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } });
    expect(listOf(pass.Resource)).toHaveLength(1);
  });
});

describe('describe-failure', () => {
  it('describe-failure reads the histories of the machines that call it and nothing else', () => {
    const [histories, ...others] = statementsOf('Lambda function shapes-describe-failure').filter(
      ({ Action }) => !listOf(Action).includes('logs:PutLogEvents'),
    );
    expect(others).toEqual([]);
    expect(histories!.Action).toBe('states:GetExecutionHistory');
    const text = JSON.stringify(histories!.Resource);
    expect(text).toContain(':execution:shapes-provision-cluster:*');
    expect(text).toContain(':execution:shapes-join-node:*');
    expect(listOf(histories!.Resource)).toHaveLength(2);
  });
});

describe('state machines', () => {
  it.each(machineNames)('%s may invoke exactly the functions that its definition names', (name) => {
    const arns = Object.values(resourcesOf(template, 'AWS::StepFunctions::StateMachine'))
      .filter(({ Properties }) => Properties.StateMachineName === `shapes-${name}`)
      .map(({ Properties }) => Properties.RoleArn['Fn::GetAtt'][0]);
    const invoked = Object.values(resourcesOf(template, 'AWS::IAM::Policy'))
      .filter(({ Properties }) => Properties.Roles.some(({ Ref }: { Ref: string }) => arns.includes(Ref)))
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement as Statement[])
      .filter(({ Action }) => listOf(Action).includes('lambda:InvokeFunction'))
      .flatMap(({ Resource: resource }) => listOf(resource as { 'Fn::GetAtt': [string, string] }))
      .map(({ 'Fn::GetAtt': [id] }) => id);
    const named = Object.keys(resourcesOf(template, 'AWS::Lambda::Function')).filter((id) =>
      JSON.stringify(definitionOf(template, name)).includes(`"${id}"`),
    );
    expect(invoked.sort()).toEqual(named.sort());
    expect(invoked.length).toBeGreaterThan(0);
  });
});

const podRole = (serviceAccount: string) => `Pods of service account stepkube/${serviceAccount}`;

describe.each(workloadNames)('role of service account %s', (serviceAccount) => {
  it(`the role of ${serviceAccount} trusts STS tokens of this service account from the cluster's issuer only`, () => {
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

  it(`the role of ${serviceAccount} reaches its own queue, dead letters and table, and nothing else`, () => {
    const resources = statements.flatMap(({ Resource: resource }) => listOf(resource)).map(nameOf);
    const queue = `shapes-${serviceAccount}`;
    expect(resources).toEqual([queue, `${queue}-dead-letters`, `shapes-${serviceAccount}`]);
  });

  it(`the role of ${serviceAccount} receives messages and works on items, but cannot change the table itself`, () => {
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

  it(`the role of ${serviceAccount} sends messages to its dead letters only`, () => {
    const sends = statements.filter(({ Action }) => listOf(Action).includes('sqs:SendMessage'));
    expect(sends.map(({ Resource: resource }) => nameOf(resource))).toEqual([`shapes-${serviceAccount}-dead-letters`]);
  });
});

describe.each([
  ['yolo5', ['PredictionCompleted', 'PredictionFailed']],
  ['polybot', ['UserForgotten']],
])('events of service account %s', (serviceAccount, types) => {
  it(`${serviceAccount} can put only ${types.join(' and ')} on the bus, under its own source`, () => {
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

  it(`${serviceAccount} reads ${get}/ and writes ${put}/ in the pictures bucket`, () => {
    const folderOf = (action: string) =>
      statementsOf(description)
        .filter(({ Action }) => listOf(Action).includes(action))
        .map(({ Resource: resource }) => (resource as { 'Fn::Join': [string, unknown[]] })['Fn::Join'][1].at(-1));
    expect(folderOf('s3:PutObject')).toEqual([`/${put}/*`]);
    expect(folderOf('s3:GetObject')).toEqual([`/${get}/*`]);
  });

  it(`${serviceAccount} may list the pictures, so that S3 tells a missing picture from a forbidden one`, () => {
    expect(actionsOf(description)).toContain('s3:ListBucket');
  });

  it(`${serviceAccount} ${secret ? 'reads the Telegram secret' : 'reads no secret'}`, () => {
    expect(actionsOf(description).includes('secretsmanager:GetSecretValue')).toBe(secret);
  });
});

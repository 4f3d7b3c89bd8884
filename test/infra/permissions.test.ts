import { describe, expect, it } from 'vitest';
import { machineNames } from '#infra/lib/machine-files.ts';
import { documentNames } from '#ssm-documents/assemble.ts';
import { clusterTemplate, definitionOf, resourcesOf } from '#support/infra.ts';
import { actionsOf, listOf, roleOf, type Statement, statementsOf, statementsOfRole } from '#support/policies.ts';

const template = clusterTemplate();

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
      /^(ecr:GetAuthorizationToken|ec2:Describe|autoscaling:Describe|ssm:(Describe|UpdateInstanceInformation|List(Instance)?Associations|GetCommandInvocation)|ssmmessages:|ec2messages:|xray:|logs:(CreateLogDelivery|GetLogDelivery|UpdateLogDelivery|DeleteLogDelivery|ListLogDeliveries|PutResourcePolicy|DescribeResourcePolicies|DescribeLogGroups))/;
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
    expect(JSON.stringify(roleOf(template, description).Properties.ManagedPolicyArns)).toMatch(
      /AmazonEKSClusterPolicy.*AmazonEC2ContainerRegistryPullOnly/,
    );
    expect(JSON.stringify(roleOf(template, description).Properties.ManagedPolicyArns)).not.toContain('FullAccess');
  });

  it("the control plane's role writes the issuer's two documents and the secrets of the cluster", () => {
    const issuer = statementsOf(template, description).find(({ Action }) => listOf(Action).includes('s3:PutObject'))!;
    expect(JSON.stringify(issuer.Resource)).toContain('/.well-known/openid-configuration');
    expect(JSON.stringify(issuer.Resource)).toContain('/openid/v1/jwks');
    expect(listOf(issuer.Resource)).toHaveLength(2);
    const secrets = statementsOf(template, description).find(({ Action }) =>
      listOf(Action).includes('secretsmanager:PutSecretValue'),
    )!;
    const names = listOf(secrets.Resource as { Ref: string }).map(
      ({ Ref }) => resourcesOf(template, 'AWS::SecretsManager::Secret')[Ref]!.Properties.Name,
    );
    expect(names.sort()).toEqual([
      'shapes/join',
      'shapes/kubeconfig/deployer',
      'shapes/kubeconfig/drainer',
      'shapes/kubeconfig/puller',
      'shapes/kubeconfig/viewer',
    ]);
  });
});

describe('role of the workers', () => {
  const description = 'Workers of shapes';

  it("the workers' role serves the kubelet, reads the join credentials and writes no secret", () => {
    expect(JSON.stringify(roleOf(template, description).Properties.ManagedPolicyArns)).toMatch(
      /AmazonEKSWorkerNodePolicy.*AmazonEC2ContainerRegistryPullOnly/,
    );
    expect(actionsOf(template, description).filter((action) => action.startsWith('secretsmanager:'))).toEqual([
      'secretsmanager:GetSecretValue',
    ]);
    expect(actionsOf(template, description).filter((action) => action.startsWith('s3:'))).toEqual([]);
  });
});

describe('start-command', () => {
  it("start-command sends the cluster's own documents only, to instances with the cluster's tag only", () => {
    const sends = statementsOf(template, 'Lambda function shapes-start-command').filter(({ Action }) =>
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
    const statements = statementsOf(template, 'Lambda function shapes-ensure-control-plane');
    const launches = statements.filter(({ Action }) => listOf(Action).includes('ec2:RunInstances'));
    const created = launches.find(({ Resource: resource }) => JSON.stringify(resource).includes('instance/*'))!;
    expect(created.Condition).toMatchObject({ Bool: { 'ec2:IsLaunchTemplateResource': 'true' } });
    expect(Object.keys(created.Condition!)).toEqual(['ArnEquals', 'Bool']);
    const unbound = launches.filter(({ Condition }) => Condition === undefined);
    expect(unbound.flatMap(({ Resource: resource }) => listOf(resource)).map((arn) => JSON.stringify(arn))).toEqual([
      expect.stringContaining('launch-template/'),
      expect.stringContaining('subnet/'),
      expect.stringContaining('subnet/'),
    ]);
    const pass = statements.find(({ Action }) => listOf(Action).includes('iam:PassRole'))!;
    expect(pass.Condition).toEqual({ StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } });
    expect(listOf(pass.Resource)).toHaveLength(1);
  });
});

describe('describe-failure', () => {
  it('describe-failure reads the histories of the machines that call it and nothing else', () => {
    const [histories, ...others] = statementsOf(template, 'Lambda function shapes-describe-failure').filter(
      ({ Action }) => !listOf(Action).includes('logs:PutLogEvents'),
    );
    expect(others).toEqual([]);
    expect(histories!.Action).toBe('states:GetExecutionHistory');
    const text = JSON.stringify(histories!.Resource);
    expect(text).toContain(':execution:shapes-provision-cluster:*');
    expect(text).toContain(':execution:shapes-join-node:*');
    expect(text).toContain(':execution:shapes-rotate-credentials:*');
    expect(text).toContain(':execution:shapes-drain-node:*');
    expect(listOf(histories!.Resource)).toHaveLength(4);
  });
});

describe('state machines', () => {
  it.each(machineNames)('%s may invoke exactly the functions that its definition names', (name) => {
    const [roleId] = Object.values(resourcesOf(template, 'AWS::StepFunctions::StateMachine'))
      .filter(({ Properties }) => Properties.StateMachineName === `shapes-${name}`)
      .map(({ Properties }) => Properties.RoleArn['Fn::GetAtt'][0]);
    const invoked = statementsOfRole(template, roleId)
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

import { describe, expect, it } from 'vitest';
import { clusterTemplate, only, resourcesOf } from '#support/infra.ts';
import { listOf, roleOf, statementsOf } from '#support/policies.ts';

const autoscaled = clusterTemplate({ workers: { autoscaling: true } });
const plain = clusterTemplate();
const role = 'Pods of service account kube-system/cluster-autoscaler';

type GroupTag = { readonly Key: string; readonly PropagateAtLaunch: boolean };
const groupTags = (template: typeof plain): readonly GroupTag[] =>
  only(template, 'AWS::AutoScaling::AutoScalingGroup', () => true).Properties.Tags;
const installAddons = (template: typeof plain) =>
  only(template, 'AWS::SSM::Document', ({ Name }) => Name === 'shapes-install-addons').Properties.Content;
/** Actions that only an autoscaled cluster's functions have. */
const tagActions = (template: typeof plain) =>
  Object.values(resourcesOf(template, 'AWS::IAM::Policy'))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .flatMap(({ Action }) => listOf<string>(Action))
    .filter((action) => action.endsWith('Tags') && action.startsWith('autoscaling:'));

describe('workers.autoscaling', () => {
  it('the group carries the tags by which the autoscaler of this cluster finds it, and its instances do not', () => {
    for (const key of ['k8s.io/cluster-autoscaler/enabled', 'k8s.io/cluster-autoscaler/shapes'])
      expect(groupTags(autoscaled)).toContainEqual({ Key: key, Value: 'true', PropagateAtLaunch: false });
  });

  it("the autoscaler's role scales this group only, and reads what has no permissions by resource", () => {
    const [read, scale] = statementsOf(autoscaled, role);
    expect(read).toMatchObject({ Resource: '*' });
    for (const action of listOf(read!.Action)) expect(action).toMatch(/^(autoscaling|ec2):Describe/);
    expect(listOf(scale!.Action)).toEqual([
      'autoscaling:SetDesiredCapacity',
      'autoscaling:TerminateInstanceInAutoScalingGroup',
    ]);
    expect(JSON.stringify(scale!.Resource)).toContain(':autoScalingGroupName/shapes-workers');
    const trust = JSON.stringify(roleOf(autoscaled, role).Properties.AssumeRolePolicyDocument);
    expect(trust).toContain('system:serviceaccount:kube-system:cluster-autoscaler');
  });

  it('install-addons is told the role', () => {
    expect(installAddons(autoscaled).parameters.AutoscalerRoleArn.default).toEqual({
      'Fn::GetAtt': [expect.stringMatching(/^WorkerAutoscaling/), 'Arn'],
    });
  });

  it('functions may take the tag away and give it back', () => {
    expect(tagActions(autoscaled).toSorted()).toEqual(['autoscaling:CreateOrUpdateTags', 'autoscaling:DeleteTags']);
  });

  it('without it there is neither a tag nor a role nor a permission, and the autoscaler is removed', () => {
    expect(groupTags(plain).filter(({ Key }) => Key.includes('autoscaler'))).toEqual([]);
    expect(() => roleOf(plain, role)).toThrow();
    expect(tagActions(plain)).toEqual([]);
    expect(installAddons(plain).parameters.AutoscalerRoleArn.default).toBe('none');
  });
});

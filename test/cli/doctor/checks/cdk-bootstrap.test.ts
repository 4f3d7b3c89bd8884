import { describe, expect, it } from 'vitest';
import { said, useFakeAccount } from '#support/doctor.ts';

const { finding } = useFakeAccount();

describe('cdk-bootstrap', () => {
  it('doctor finds a region that is not prepared for the CDK, or was prepared long ago', async () => {
    const nextStep = 'Prepare it once: npx cdk bootstrap aws://123456789012/us-east-1';
    expect(await finding('cdk-bootstrap', { 'ssm:GetParameter': { error: 'ParameterNotFound' } })).toMatchObject(
      said('problem', 'us-east-1 is not prepared for the CDK', nextStep),
    );
    expect(await finding('cdk-bootstrap', { 'ssm:GetParameter': { Parameter: { Value: '5' } } })).toMatchObject(
      said('problem', 'us-east-1 is prepared for the CDK in version 5, at least 6 is needed', nextStep),
    );
  });
});

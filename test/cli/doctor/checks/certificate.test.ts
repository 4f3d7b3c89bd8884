import { describe, expect, it } from 'vitest';
import { certificateArn } from '#support/account-answers.ts';
import { deployable, said, useFakeAccount } from '#support/doctor.ts';

const { finding } = useFakeAccount();

describe('certificate', () => {
  const issuedFor = (...names: string[]) => ({
    'acm:DescribeCertificate': { Certificate: { Status: 'ISSUED', SubjectAlternativeNames: names } },
  });

  it('doctor accepts a certificate of the domain or of its parent, and finds one of another name', async () => {
    expect(await finding('certificate', issuedFor('stepkube.dev', '*.stepkube.dev'))).toMatchObject(said('ok'));
    expect(await finding('certificate', issuedFor('stepkube.dev'))).toMatchObject(
      said('problem', 'the certificate is for stepkube.dev, not for bot.stepkube.dev'),
    );
  });

  it('doctor finds a certificate that is missing, elsewhere, or not validated', async () => {
    const pending = { 'acm:DescribeCertificate': { Certificate: { Status: 'PENDING_VALIDATION' } } };
    expect(await finding('certificate', pending)).toMatchObject(
      said('problem', 'the certificate of bot.stepkube.dev is PENDING_VALIDATION'),
    );
    const gone = { 'acm:DescribeCertificate': { error: 'ResourceNotFoundException' } };
    expect(await finding('certificate', gone)).toMatchObject(
      said('problem', `there is no certificate ${certificateArn}`),
    );
    const { certificateArn: _arn, ...bot } = deployable.bot;
    expect(await finding('certificate', {}, { ...deployable, bot })).toMatchObject(
      said(
        'problem',
        'bot.certificateArn is not set',
        expect.stringMatching(/^Request one for bot\.stepkube\.dev in us-east-1/),
      ),
    );
    const elsewhere = { ...deployable, region: 'eu-west-1' };
    expect(await finding('certificate', {}, elsewhere)).toMatchObject(
      said('problem', expect.stringContaining('not in eu-west-1')),
    );
  });
});

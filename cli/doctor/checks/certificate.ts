import { z } from 'zod';
import { type Check, ok, problem } from '../check.ts';
import { hostOf } from '../scope.ts';

const described = z.object({
  Certificate: z.object({
    Status: z.string(),
    DomainName: z.string().optional(),
    SubjectAlternativeNames: z.array(z.string()).default([]),
  }),
});

/** Without a valid certificate of the bot's domain Telegram does not call. */
export const certificate: Check = {
  name: 'certificate',
  permissions: ({ config: { bot } }) => [{ action: 'acm:DescribeCertificate', resources: [bot.certificateArn ?? '*'] }],
  async examine({ config: { bot, region }, ask, callJson }) {
    const arn = bot.certificateArn;
    const nextStep = `Request one for ${bot.domain} in ${region} (aws acm request-certificate --validation-method DNS), and set its ARN as bot.certificateArn.`;
    if (arn === undefined) return problem('bot.certificateArn is not set', nextStep);
    if (arn.split(':')[3] !== region) return problem(`the certificate ${arn} is not in ${region}`, nextStep);
    const request = {
      service: 'acm',
      region,
      host: hostOf('acm', region),
      target: 'CertificateManager.DescribeCertificate',
      version: '1.1',
    } as const;
    const answer = await ask('acm:DescribeCertificate', () => callJson(request, { CertificateArn: arn })).catch(
      (error: Error) => {
        if (error.name === 'ResourceNotFoundException') return undefined;
        throw error;
      },
    );
    if (answer === undefined) return problem(`there is no certificate ${arn}`, nextStep);
    const { Status, DomainName, SubjectAlternativeNames } = described.parse(answer).Certificate;
    const names = [...new Set([DomainName ?? [], SubjectAlternativeNames].flat())];
    if (Status !== 'ISSUED') {
      return problem(`the certificate of ${bot.domain} is ${Status}`, 'Finish its validation, or request another one.');
    }
    const parent = bot.domain.replace(/^[^.]+/, '*');
    if (names.some((name) => name === bot.domain || name === parent)) {
      return ok(`the certificate is valid for ${bot.domain}`);
    }
    return problem(`the certificate is for ${names.join(', ')}, not for ${bot.domain}`, nextStep);
  },
};

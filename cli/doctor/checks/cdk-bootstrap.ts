import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { type Check, ok, problem } from '../check.ts';

const parameterName = '/cdk-bootstrap/hnb659fds/version';
/** What the stack's own rule demands. */
const minVersion = 6;

/** The deployment needs the CDK's bucket, repository and roles in the region. */
export const cdkBootstrap: Check = {
  name: 'cdk-bootstrap',
  permissions: ({ config, partition, accountId }) => [
    {
      action: 'ssm:GetParameter',
      resources: [`arn:${partition}:ssm:${config.region}:${accountId}:parameter${parameterName}`],
    },
  ],
  async examine({ config: { region }, accountId, ssm, ask }) {
    const nextStep = `Prepare it once: npx cdk bootstrap aws://${accountId}/${region}`;
    const parameter = await ask('ssm:GetParameter', () =>
      ssm.send(new GetParameterCommand({ Name: parameterName })),
    ).catch((error: Error) => {
      if (error.name === 'ParameterNotFound') return undefined;
      throw error;
    });
    if (parameter === undefined) return problem(`${region} is not prepared for the CDK`, nextStep);
    const version = Number(parameter.Parameter?.Value);
    if (version >= minVersion) return ok(`${region} is prepared for the CDK, version ${version}`);
    return problem(
      `${region} is prepared for the CDK in version ${version}, at least ${minVersion} is needed`,
      nextStep,
    );
  },
};

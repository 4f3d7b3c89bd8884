import { ServiceError } from '../service-error.ts';

/**
 * A dry run ends where the permissions have been checked: it changes nothing.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonParameters.html
 * @throws ServiceError DryRunOperation
 */
export function refuseDryRun({ DryRun }: { readonly DryRun?: string | undefined }): void {
  if (DryRun !== 'true') return;
  throw new ServiceError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
}

/** What cdk.json runs, so that `npx cdk diff` and the like know the app: writes into the folder that the CDK command line names. */
import { projectPath } from '@stepkube/tools/project-path.ts';
import { synthesize } from '#infra/app.ts';
import { loadConfig } from './configuration.ts';

synthesize(await loadConfig(), process.env['CDK_OUTDIR'] ?? projectPath('cdk.out'));

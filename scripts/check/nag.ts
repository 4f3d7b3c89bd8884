/** Usage: node scripts/check/nag.ts FOLDER. Synthesizes into FOLDER and prints the findings of cdk-nag; exit code 1 if there are any. */
import { AwsSolutionsChecks } from 'cdk-nag';
import { loadConfig } from '#cli/configuration.ts';
import { fail } from '#cli/fail.ts';
import { synthesize } from '#infra/app.ts';

async function main(folder: string | undefined): Promise<void> {
  if (folder === undefined) throw new Error('Usage: node scripts/check/nag.ts FOLDER');
  const findings: string[] = [];
  synthesize(await loadConfig(), folder, {
    prepare: (app) => {
      const { violations } = new AwsSolutionsChecks(app, { verbose: true }).validateScope(app);
      for (const { ruleName, description, violatingResources } of violations) {
        findings.push(`${ruleName}: ${description}`);
        for (const { constructPath } of violatingResources) findings.push(`  ${constructPath}`);
      }
    },
  });
  if (findings.length > 0) fail(new Error(findings.join('\n')));
}

main(process.argv[2]).catch(fail);

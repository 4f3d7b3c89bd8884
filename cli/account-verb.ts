import { typedArguments } from './typed-arguments.ts';
import { createVerb, outputOption, profileOption, regionOption, stackOption, yesOption } from './verb.ts';

interface About {
  readonly summary: string;
  readonly description: string;
}

/** A verb that changes the cluster of a deployed stack: a dry run without --yes. */
export function createAccountVerb(name: string, about: About) {
  return createVerb(name, { group: 'Cluster on AWS:', ...about })
    .addOption(yesOption())
    .addOption(regionOption())
    .addOption(profileOption())
    .addOption(stackOption())
    .addOption(outputOption());
}

/** A verb that only looks at the cluster of a deployed stack. */
export function createLookingVerb(name: string, about: About) {
  return createVerb(name, { group: 'Cluster on AWS:', ...about })
    .addOption(regionOption())
    .addOption(profileOption())
    .addOption(stackOption())
    .addOption(outputOption());
}

/** What the command line of such a verb says. */
interface AccountOptions {
  readonly yes?: true | undefined;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  readonly stack?: string | undefined;
  readonly output: 'text' | 'json';
}

/** The account and the stack that it means; `verb` is how the dry run says to do it. @throws InvalidConfigError */
export async function accountRequest(verb: string, { yes, region, profile, stack, output }: AccountOptions) {
  const { loadConfig } = await import('./configuration.ts');
  const config = await loadConfig();
  return {
    account: { region: region ?? config.region, profile },
    stackName: stack ?? config.clusterName,
    dryRun: yes ? undefined : { startWith: [`./stepkube ${verb} --yes`, ...typedArguments()].join(' ') },
    json: output === 'json',
  };
}

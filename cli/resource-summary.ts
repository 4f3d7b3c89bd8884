import type { Template } from '#infra/app.ts';

/** The total and one line per service, the largest first: ` 33  AWS::IAM  17 Role, 15 Policy, ...`. */
export function resourceSummary({ Resources }: Template): string {
  const types = Object.values(Resources).map(({ Type }) => Type.split('::') as [string, string, string]);
  const services = Map.groupBy(types, ([vendor, service]) => `${vendor}::${service}`);
  const lines = [...services]
    .sort(([, one], [, other]) => other.length - one.length)
    .map(([service, members]) => {
      const kinds = [...Map.groupBy(members, ([, , kind]) => kind)].map(([kind, { length }]) => `${length} ${kind}`);
      return `${String(members.length).padStart(4)}  ${service.padEnd(22)} ${kinds.join(', ')}`;
    });
  return [`${types.length} resources`, ...lines].join('\n');
}

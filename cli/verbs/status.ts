import { accountRequest, createLookingVerb } from '../account-verb.ts';

export function command() {
  return createLookingVerb('status', {
    summary: 'show what the cluster is and what needs somebody',
    description:
      "Shows the control plane, the workers' group and its instances, the latest execution of each state machine, and the age of each secret (never its value). Changes nothing. What needs somebody comes first, with the next step.",
  }).action(async (options) => {
    const [{ interruptible }, { readStatus }, { showStatus }, request] = await Promise.all([
      import('../signals.ts'),
      import('../status/read-status.ts'),
      import('../status/show-status.ts'),
      accountRequest('status', options),
    ]);
    await interruptible(async (signal) => {
      const status = await readStatus(request, signal);
      console.log(request.json ? JSON.stringify(status, null, 2) : showStatus(status));
    });
  });
}

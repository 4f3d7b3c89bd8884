/** What removes the cause, by error name; an error whose message says it itself has no entry. */
export const remedies: Readonly<Record<string, string>> = {
  AgentOfflineError: "look at the instance's system log and at its way to the internet",
  ApplyFailedError: 'correct the manifest',
  AwsUnavailableError: 'wait some minutes for AWS to recover',
  ClusterUnreachableError: 'check that the control plane instance runs and that its API server answers',
  CommandCancelled: 'find out who cancelled the command',
  CommandFailed: 'read the full output and remove the cause',
  CommandNotStarted: 'remove the cause that Systems Manager reports',
  CommandTimedOut: 'read the full output to see what the document waited for',
  CommandUndeliverable: "check in Systems Manager's fleet manager that the instance's agent is online",
  InstanceGoneError: 'find out who terminated the instance',
  InvalidInputError: 'correct the input',
  JoinCredentialsExpiredError: 'look at the newest execution of rotate-credentials, which should have renewed them',
  JoinCredentialsMissingError: 'look at the newest execution of provision-cluster, which issues the credentials',
  NodesNotReadyError: 'look at the executions of join-node and at the kubelets of the nodes that are not Ready',
  RolloutFailedError: 'remove what the pods report',
  'States.Timeout': 'look into the log of what did not end',
  UnsupportedAgentVersionError: "update the instance's SSM agent",
};

const denied = /AccessDenied|Unauthorized|not authorized/i;

/** @param always what a person does after every failure, as a verb phrase */
export function nextStepAfter(error: string, always: string): string {
  const remedy =
    remedies[error] ?? (denied.test(error) ? 'grant the missing permission in infra/ and deploy' : undefined);
  return remedy === undefined ? always : `${remedy}, then ${always}`;
}

/**
 * Every error a function throws. Lambda reports `error.name` to Step Functions, so these literal names are what Retry and
 * Catch match: renaming one is a change of the state machines.
 */

/** The task's input is not what the function accepts. Permanent. */
export class InvalidInputError extends Error {
  override readonly name = 'InvalidInputError';
}

/** An environment variable is missing or wrong: the deployment is broken. Permanent. */
export class InvalidEnvironmentError extends Error {
  override readonly name = 'InvalidEnvironmentError';
}

/** The function's own timeout came too near. Doing it again is safe. */
export class DeadlineExceededError extends Error {
  override readonly name = 'DeadlineExceededError';
}

/** AWS did not answer, asked to slow down or failed itself, also after the client's own attempts. Trying later may work. */
export class AwsUnavailableError extends Error {
  override readonly name = 'AwsUnavailableError';
}

/** More than one control-plane instance carries the cluster's tags. Permanent: a person decides which one stays. */
export class ControlPlaneAmbiguousError extends Error {
  override readonly name = 'ControlPlaneAmbiguousError';
}

/** The control-plane instance is on its way to `stopped`; it can be started after that. */
export class ControlPlaneStoppingError extends Error {
  override readonly name = 'ControlPlaneStoppingError';
}

/** EC2 launched or started nothing, and gave no error either. */
export class ControlPlaneNotLaunchedError extends Error {
  override readonly name = 'ControlPlaneNotLaunchedError';
}

/** The instance's SSM agent is not registered or not online yet. */
export class AgentOfflineError extends Error {
  override readonly name = 'AgentOfflineError';
}

/** The SSM agent would paste document parameters into the script's text instead of its environment. It updates itself. */
export class AgentTooOldError extends Error {
  override readonly name = 'AgentTooOldError';
}

/** The instance is terminated or unknown to EC2. Permanent. */
export class InstanceGoneError extends Error {
  override readonly name = 'InstanceGoneError';
}

/** The document's script ended with another exit code than 0. */
export class CommandFailedError extends Error {
  override readonly name = 'CommandFailedError';
}

/** The document's script was stopped at its time limit. */
export class CommandTimedOutError extends Error {
  override readonly name = 'CommandTimedOutError';
}

/** The command never reached the agent: nothing ran. */
export class CommandUndeliverableError extends Error {
  override readonly name = 'CommandUndeliverableError';
}

/** Somebody cancelled the command. */
export class CommandCancelledError extends Error {
  override readonly name = 'CommandCancelledError';
}

/** SSM announced a command's end but does not show it yet (it is eventually consistent). */
export class InvocationUnsettledError extends Error {
  override readonly name = 'InvocationUnsettledError';
}

/** Some lost events could not be made up for in this round. The next round tries again. */
export class ReconcileIncompleteError extends Error {
  override readonly name = 'ReconcileIncompleteError';
}

/** The worker group is missing, or the wished capacity is above its maximum. Permanent. */
export class WorkerCapacityError extends Error {
  override readonly name = 'WorkerCapacityError';
}

/** There are no valid join credentials (yet). */
export class JoinCredentialsMissingError extends Error {
  override readonly name = 'JoinCredentialsMissingError';
}

/** A secret holds something that is not a kubeconfig. Carries no cause: a parser's message quotes what it read. */
export class KubeconfigInvalidError extends Error {
  override readonly name = 'KubeconfigInvalidError';
}

/** The Kubernetes API does not answer, or not to us; or its kubeconfig does not exist yet. */
export class ClusterUnreachableError extends Error {
  override readonly name = 'ClusterUnreachableError';
}

/** Fewer nodes are Ready than asked for; the message says which nodes are there and what ails them. */
export class NodesNotReadyError extends Error {
  override readonly name = 'NodesNotReadyError';
}

/** kubectl refused the manifests. Permanent. */
export class ApplyFailedError extends Error {
  override readonly name = 'ApplyFailedError';
}

/** A workload did not roll out; the message has the reasons of its pods. */
export class RolloutFailedError extends Error {
  override readonly name = 'RolloutFailedError';
}

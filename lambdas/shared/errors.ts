/**
 * Every error that a function throws. Lambda reports `error.name` to Step Functions, so these names are what Retry and Catch
 * match: renaming one changes the state machines. "Permanent" means that repeating the call cannot help.
 */

/** The task's input does not match the function's schema. Permanent. */
export class InvalidInputError extends Error {
  override readonly name = 'InvalidInputError';
}

/** An environment variable is missing or wrong: the deployment is broken. Permanent. */
export class InvalidEnvironmentError extends Error {
  override readonly name = 'InvalidEnvironmentError';
}

/** The function was about to reach its own timeout. Repeating is safe. */
export class DeadlineExceededError extends Error {
  override readonly name = 'DeadlineExceededError';
}

/** AWS did not answer, throttled or failed, also after the SDK's own retries. Repeating later may work. */
export class AwsUnavailableError extends Error {
  override readonly name = 'AwsUnavailableError';
}

/** More than one control-plane instance carries the cluster's tags. Permanent: a person decides which one stays. */
export class ControlPlaneAmbiguousError extends Error {
  override readonly name = 'ControlPlaneAmbiguousError';
}

/** The control-plane instance is in state `stopping`; it can be started when it has stopped. */
export class ControlPlaneStoppingError extends Error {
  override readonly name = 'ControlPlaneStoppingError';
}

/** EC2 has no capacity or not this type in any of the zones, or it accepted the launch and returned no usable instance. */
export class ControlPlaneNotLaunchedError extends Error {
  override readonly name = 'ControlPlaneNotLaunchedError';
}

/** The instance's SSM agent has not registered yet, or has lost its connection. */
export class AgentOfflineError extends Error {
  override readonly name = 'AgentOfflineError';
}

/**
 * The SSM agent is too old for `interpolationType: ENV_VAR`: it would paste parameters into the script's text. Repeating
 * may work, because the agent updates itself.
 */
export class UnsupportedAgentVersionError extends Error {
  override readonly name = 'UnsupportedAgentVersionError';
}

/** The instance is terminated or shutting down. Permanent. */
export class InstanceGoneError extends Error {
  override readonly name = 'InstanceGoneError';
}

/** The document's script ended with an exit code other than 0. */
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

/** The command was cancelled, e.g. by a person in the console. */
export class CommandCancelledError extends Error {
  override readonly name = 'CommandCancelledError';
}

/** SSM is eventually consistent: it announced the end of an invocation that it still shows as running, or not at all. */
export class InvocationNotReadyError extends Error {
  override readonly name = 'InvocationNotReadyError';
}

/** reconcile could not handle some commands or launches in this round. The next round tries them again. */
export class ReconcileIncompleteError extends Error {
  override readonly name = 'ReconcileIncompleteError';
}

/** The worker group is missing, or the requested capacity is above its maximum. Permanent. */
export class WorkerCapacityError extends Error {
  override readonly name = 'WorkerCapacityError';
}

/** There is no running control plane: the cluster is not born yet, or asleep. */
export class ControlPlaneAbsentError extends Error {
  override readonly name = 'ControlPlaneAbsentError';
}

/** The stored join credentials are over, or lead to another control plane: rotate-credentials stores new ones. */
export class JoinCredentialsExpiredError extends Error {
  override readonly name = 'JoinCredentialsExpiredError';
}

/** There are no join credentials yet. */
export class JoinCredentialsMissingError extends Error {
  override readonly name = 'JoinCredentialsMissingError';
}

/** A secret does not hold a kubeconfig. Has no `cause`: a parser's message would quote the secret. */
export class KubeconfigInvalidError extends Error {
  override readonly name = 'KubeconfigInvalidError';
}

/** Another execution is changing the same thing; the message names it. */
export class LeaseHeldError extends Error {
  override readonly name = 'LeaseHeldError';
}

/** ECR answered, but without a password. Repeating may work. */
export class RegistryTokenMissingError extends Error {
  override readonly name = 'RegistryTokenMissingError';
}

/** The Kubernetes API cannot be reached or rejects the credentials, or its kubeconfig does not exist yet. */
export class ClusterUnreachableError extends Error {
  override readonly name = 'ClusterUnreachableError';
}

/** Fewer nodes are Ready than asked for; the message lists the nodes that are not, with their reasons. */
export class NodesNotReadyError extends Error {
  override readonly name = 'NodesNotReadyError';
}

/** The API server rejected the manifests. Permanent. */
export class ApplyFailedError extends Error {
  override readonly name = 'ApplyFailedError';
}

/** A workload did not roll out in time; the message has the reasons of its pods. */
export class RolloutFailedError extends Error {
  override readonly name = 'RolloutFailedError';
}

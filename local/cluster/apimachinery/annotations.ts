/** Annotations by which the twin's components tell each other, and a person, what is simulated. */

/** 'true' on a pod without a process behind it. */
export const simulatedAnnotation = 'stepkube.dev/simulated';

/**
 * The loopback address on which a pod's processes really listen. status.podIP shows an address of the node's pod CIDR, as
 * in a real cluster; the machine that runs the twin has no route to it. Probes, Services and load balancers therefore
 * connect to this address, and the downward API gives it to the processes as status.podIP.
 */
export const loopbackAddressAnnotation = 'stepkube.dev/loopback-address';

/** Of a node's EC2 instance. A real cloud controller manager asks EC2 for them. */
export const instanceIdAnnotation = 'stepkube.dev/instance-id';
export const instanceTypeAnnotation = 'stepkube.dev/instance-type';
export const zoneAnnotation = 'stepkube.dev/zone';

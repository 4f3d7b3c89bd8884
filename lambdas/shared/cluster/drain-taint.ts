/** The taint of a node that is being drained; its value is the drain's id. */
export const drainTaintKey = 'stepkube.dev/draining';

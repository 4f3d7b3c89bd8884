/**
 * How long a command may wait for its agent, in seconds: SendCommand's TimeoutSeconds. How long its script may run is a
 * number of its own, `timeoutSeconds` in the document.
 */
export const deliverySeconds = 120;

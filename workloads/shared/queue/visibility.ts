/**
 * How long a message of a picture stays invisible after its consumer was last heard of. A consumer extends it every half of this, so it is
 * what a person waits when a worker is lost with the picture in hand.
 */
export const visibilitySeconds = 30;

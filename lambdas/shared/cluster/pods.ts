/** What several functions ask about a pod. */
import type { V1Pod } from '@kubernetes/client-node';

export const isFinished = ({ status }: V1Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

/** namespace/name */
export const nameOf = ({ metadata }: V1Pod): string => `${metadata?.namespace}/${metadata?.name}`;

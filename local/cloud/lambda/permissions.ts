import type { CloudCore } from '../service.ts';
import { type FunctionStore, findFunction } from './functions.ts';

const stores = new WeakMap<CloudCore, FunctionStore>();

export function registerPermissions(core: CloudCore, store: FunctionStore): void {
  stores.set(core, store);
}

/** Whether a resource-based policy lets an AWS service such as 'events.amazonaws.com' invoke a function for a source. */
export function serviceMayInvoke(core: CloudCore, functionArn: string, principal: string, sourceArn: string): boolean {
  const store = stores.get(core);
  const name = store && findFunction(store, functionArn)?.name;
  return (
    store?.permissions.some(
      (permission) =>
        permission.functionName === name &&
        permission.principal === principal &&
        (permission.sourceArn === undefined || matches(permission.sourceArn, sourceArn)),
    ) ?? false
  );
}

/** ArnLike: only `*` is used in the template's source ARNs. */
function matches(pattern: string, arn: string): boolean {
  const expression = pattern
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${expression}$`).test(arn);
}

/** What the API server does with an object between the request and the storage: defaults, admission plugins, validation. */
import { types } from '#local/cluster/apimachinery/builtin-types.ts';
import { isOfType } from '#local/cluster/apimachinery/resource-type.ts';
import type { Admit } from '#local/cluster/storage/objects.ts';
import { applyDefaults } from './defaults.ts';
import { admitPod } from './pod-admission.ts';
import type { ServiceAddresses } from './service-addresses.ts';
import { checkShape, validate } from './validation.ts';

export function createAdmission(addresses: ServiceAddresses): Admit {
  return ({ type, object, previous, objects }) => {
    checkShape(type, object);
    applyDefaults(type, object);
    if (isOfType(types.services, type, object)) {
      addresses.assign(object, previous && isOfType(types.services, type, previous) ? previous : undefined);
    }
    if (previous === undefined && isOfType(types.pods, type, object)) admitPod(objects, object);
    validate(type, object, previous);
  };
}

/** `secretGenerator` (api/internal/generators/secret.go). */
import { stringScalar } from '../../yaml/node.ts'
import type { SecretArgs } from '../kustomization.ts'
import type { Loader } from '../load.ts'
import type { KindScope, Resource } from '../resource.ts'
import { dataObject, generatedResource, setSecretData } from './data-object.ts'
import { readPairs } from './key-values.ts'

export function generateSecret(args: SecretArgs, loader: Loader, scope: KindScope): Resource {
  const node = dataObject('Secret', args)
  node.set('type', stringScalar(args.type || 'Opaque'))
  setSecretData(node, readPairs(args, loader))
  return generatedResource(node, args, scope)
}

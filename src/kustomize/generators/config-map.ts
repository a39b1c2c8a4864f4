/** `configMapGenerator` (api/internal/generators/configmap.go). */
import type { ConfigMapArgs } from '../kustomization.ts'
import type { Loader } from '../load.ts'
import type { KindScope, Resource } from '../resource.ts'
import { dataObject, generatedResource, setConfigMapData } from './data-object.ts'
import { readPairs } from './key-values.ts'

export function generateConfigMap(args: ConfigMapArgs, loader: Loader, scope: KindScope): Resource {
  const node = dataObject('ConfigMap', args)
  setConfigMapData(node, readPairs(args, loader))
  return generatedResource(node, args, scope)
}

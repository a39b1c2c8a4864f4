/** Holds emitted objects against src/argo/argo-openapi.json. */
import { readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'

const file = new URL('../../src/argo/argo-openapi.json', import.meta.url)
export const argoDocument: string = readFileSync(file, 'utf8')

const ajv = new Ajv({ allErrors: true, strict: true, strictTypes: false })
ajv.addVocabulary(['openapi', 'info', 'paths', 'components'])
ajv.addSchema({ ...(JSON.parse(argoDocument) as object), $id: 'argo' })

const kinds = new Map<string, ValidateFunction>()

/** What is wrong with an Argo object, as `path message`; empty when nothing is. An unknown kind is wrong. */
export function schemaErrors(object: unknown): string[] {
  const { kind } = object as { kind: string }
  if (!['AppProject', 'Application', 'ApplicationSet', 'Workflow', 'WorkflowTemplate'].includes(kind)) {
    return [`no schema for kind ${kind}`]
  }
  let validate = kinds.get(kind)
  if (validate === undefined) kinds.set(kind, (validate = ajv.compile({ $ref: `argo#/components/schemas/${kind}` })))
  // Through JSON, as it is written: undefined fields are no fields.
  if (validate(JSON.parse(JSON.stringify(object)))) return []
  return validate.errors!.map(e => `${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`)
}

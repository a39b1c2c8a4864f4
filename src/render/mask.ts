/** Keeps the values of Secrets out of what is printed: a diff is pasted into merge requests and kept in CI logs. */
import type { GoValue } from '../go/value.ts'
import type { FieldChange, ObjectChange } from './change.ts'
import { isList, isMap } from './same-value.ts'

const masked = '***'
/** Two masked values look alike; that they differ must still be seen. */
const maskedAnew = '*** (changed)'

/** The changes with every value of a Secret's `data` and `stringData` masked; which keys changed stays visible. */
export function maskSecrets(changes: readonly ObjectChange[]): ObjectChange[] {
  return changes.map(change =>
    change.object.kind === 'Secret' && change.object.apiVersion === 'v1'
      ? { ...change, fields: change.fields.map(maskField) }
      : change,
  )
}

function maskField(field: FieldChange): FieldChange {
  const { path, before, after } = field
  if (path[0] !== 'data' && path[0] !== 'stringData') {
    return path[0] === 'metadata' && path.at(-1) === lastApplied ? maskValues(field) : field
  }
  return maskValues({ path, before, after })
}

/** What kubectl apply leaves on an object: the whole Secret once more. */
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

function maskValues({ path, before, after }: FieldChange): FieldChange {
  return {
    path,
    before: before === undefined ? undefined : mask(before, masked),
    after: after === undefined ? undefined : mask(after, before === undefined ? masked : maskedAnew),
  }
}

function mask(value: GoValue, text: string): GoValue {
  if (isMap(value)) return new Map([...value].map(([key, item]) => [key, mask(item, text)]))
  if (isList(value)) return value.map(item => mask(item, text))
  return value === null ? null : text
}

/** Every rule, what is worst first. docs/validation.md says of each what it finds and why. */
import type { Rule } from '../finding.ts'
import { apiVersion, deprecatedApi } from './api-version.ts'
import { duplicate } from './duplicate.ts'
import { imageTag } from './image-tag.ts'
import { limits } from './limits.ts'
import { names } from './names.ts'
import { namespace } from './namespace.ts'
import { placeholder } from './placeholder.ts'
import { plainSecret } from './plain-secret.ts'
import { reference } from './reference.ts'
import { schema, unknownField } from './schema.ts'
import { selector, selectsNothing } from './selector.ts'

export const rules: readonly Rule[] = [
  apiVersion,
  schema,
  unknownField,
  names,
  duplicate,
  selector,
  deprecatedApi,
  reference,
  selectsNothing,
  namespace,
  plainSecret,
  imageTag,
  placeholder,
  limits,
]

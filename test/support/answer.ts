/**
 * Our answers to what is asked of Helm: the kinds of questions of template-vectors.json and of the oracle (test/oracle),
 * for recorded vectors and for fuzzing.
 */
import { DecapodError } from '../../src/errors.ts'
import { type GoDict, GoError, type GoValue } from '../../src/go/value.ts'
import { formatManifest, helmMessage } from '../../src/helm/format.ts'
import { type FunctionPorts, helmFunctions } from '../../src/helm/funcs.ts'
import { loadChart } from '../../src/helm/load.ts'
import { prepareValues } from '../../src/helm/prepare.ts'
import { renderChart } from '../../src/helm/render.ts'
import { validateValues } from '../../src/helm/schema.ts'
import type { Semantics } from '../../src/helm/semantics.ts'
import { mergeUserValues, type UserValues } from '../../src/helm/user-values.ts'
import { parseConstraints, satisfies } from '../../src/semver/constraint.ts'
import { parseVersion } from '../../src/semver/version.ts'
import { memoryTree } from '../../src/tree.ts'
import { bytesAnswer, renderVector, vectorValue } from './template-vector.ts'
import { canonical, canonicalWant, filesOf, sameError, type VectorAnswer } from './vectors.ts'

/** What is asked; each kind reads the fields it needs. */
export interface Question {
  readonly kind: 'template' | 'toYaml' | 'fromYaml' | 'set' | 'coalesce' | 'semver' | 'chart'
  readonly template?: string
  readonly data?: unknown
  readonly input?: string
  readonly constraint?: string
  readonly version?: string
  readonly files?: Readonly<Record<string, string>>
  readonly valuesText?: readonly string[]
  readonly set?: readonly string[]
  readonly setString?: readonly string[]
  readonly setJson?: readonly string[]
  readonly setLiteral?: readonly string[]
  /** In paths of setFile, DIR stands for where the files of setFiles lie. */
  readonly setFile?: readonly string[]
  readonly setFiles?: Readonly<Record<string, string>>
  readonly name?: string
  readonly namespace?: string
  readonly kubeVersion?: string
  readonly apiVersions?: readonly string[]
  readonly includeCrds?: boolean
  readonly skipTests?: boolean
  readonly noHooks?: boolean
  readonly isUpgrade?: boolean
  readonly showOnly?: readonly string[]
  readonly skipSchemaValidation?: boolean
}

/** An answer with what was logged on the way to it, where the question has a chart. */
export interface Answer extends VectorAnswer {
  readonly warnings?: readonly string[]
}

/** What Helm would answer. A result that is data is told as `canonical` writes it. */
export function answer(question: Question, semantics: Semantics, ports: FunctionPorts = {}): Answer {
  const { kind } = question
  if (kind === 'template') return renderVector({ template: '', ...question }, semantics, ports)
  const warnings: string[] = []
  try {
    const want = answers[kind](question, semantics, message => warnings.push(message))
    const answer = typeof want === 'string' ? bytesAnswer(want) : { want }
    return kind === 'chart' || kind === 'coalesce' ? { ...answer, warnings } : answer
  } catch (error) {
    if (error instanceof GoError) return { error: error.message, warnings }
    if (!(error instanceof DecapodError)) return { error: `BUG ${(error as Error).stack}` }
    if (error.code === 'LIMIT_EXCEEDED') return { error: `LIMIT_EXCEEDED: ${error.message}` }
    if (kind === 'chart') return { error: helmMessage(error, semantics), warnings }
    // The oracle takes the steps of Helm one by one; the whole of Helm 4 names the one that failed.
    return { error: error.message.replace(/^chart dependencies processing failed: /, ''), warnings }
  }
}

type Work = (question: Question, semantics: Semantics, warn: (message: string) => void) => unknown

const answers: Readonly<Record<Exclude<Question['kind'], 'template'>, Work>> = {
  toYaml: ({ data }, semantics) => callFunction('toYaml', vectorValue(data ?? null), semantics),
  fromYaml: ({ input }, semantics) => canonical(callFunction('fromYaml', input ?? '', semantics)),
  set: (question, semantics) => canonical(mergeUserValues(userValues(question), semantics)),
  coalesce(question, semantics, warn) {
    const given = mergeUserValues(userValues(question), semantics)
    const chart = loadChart(memoryTree(filesOf(question)), '/', { semantics })
    const { root, values } = prepareValues(chart, given, { semantics, warn })
    if (question.skipSchemaValidation !== true) validateValues(root, values)
    return canonical(values as GoDict)
  },
  semver: ({ constraint, version }) => satisfies(parseConstraints(constraint ?? ''), parseVersion(version ?? '')),
  chart(question, semantics, warn) {
    const values = mergeUserValues(userValues(question), semantics)
    const chart = loadChart(memoryTree(filesOf(question)), '/', { semantics })
    const { name, namespace, kubeVersion = '1.31.0', apiVersions, isUpgrade, skipSchemaValidation } = question
    const given = { name, namespace, kubeVersion, apiVersions, isUpgrade, skipSchemaValidation }
    const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
    const rendered = renderChart(chart, { values, semantics, warn, ...set })
    const { includeCrds = false, noHooks = false, skipTests = false, showOnly = [] } = question
    return formatManifest(rendered, { semantics, includeCrds, noHooks, skipTests, showOnly })
  },
}

function callFunction(name: string, argument: GoValue, semantics: Semantics): GoValue {
  return helmFunctions(semantics).get(name)!.call!(argument) as GoValue
}

/** The values flags of a question; its files lie in "DIR". */
function userValues(question: Question): UserValues {
  const { valuesText = [], set = [], setString = [], setJson = [], setLiteral = [], setFile = [] } = question
  return {
    files: valuesText.map((text, i) => ({ file: `DIR/values-${i}.yaml`, text })),
    ...{ set, setString, setJson, setLiteral, setFile },
    readFile(path) {
      const { setFiles = {} } = question
      const name = path.startsWith('DIR/') ? path.slice('DIR/'.length) : ''
      if (Object.hasOwn(setFiles, name)) return setFiles[name]!
      throw new DecapodError('FILE_NOT_FOUND', `open ${path}: no such file or directory`)
    },
  }
}

/** Whether our answer is the recorded one, to the byte; warnings count where the record has some, in any order. */
export function sameAnswer(question: Question, got: Answer, want: Answer): boolean {
  if (want.error !== undefined) return got.error !== undefined && sameError(got.error, want.error)
  if (got.error !== undefined || got.wantBase64 !== want.wantBase64) return false
  const isData = question.kind === 'set' || question.kind === 'coalesce' || question.kind === 'fromYaml'
  if (got.want !== (isData ? canonicalWant(want.want) : want.want)) return false
  if (want.warnings === undefined || got.warnings === undefined) return true
  return [...got.warnings].sort().join('\n') === [...want.warnings].sort().join('\n')
}

/** The namespace a user works in, as Helm and kubectl find it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DecapodError } from '../errors.ts'
import type { GoValue } from '../go/value.ts'
import { parseValue } from '../yaml/values.ts'

export interface KubeOptions {
  readonly kubeconfig?: string
  readonly kubeContext?: string
}

/** HELM_NAMESPACE, else the namespace of the current context of the kubeconfig files, else `default`. */
export function currentNamespace(env: Readonly<Record<string, string | undefined>>, options: KubeOptions): string {
  if (env['HELM_NAMESPACE']) return env['HELM_NAMESPACE']
  const configs = kubeconfigPaths(env, options).map(readConfig)
  // One that is no YAML spoils them all.
  if (configs.includes(undefined)) return 'default'
  const current =
    options.kubeContext || env['HELM_KUBECONTEXT'] || configs.map(c => text(field(c, 'current-context'))).find(Boolean)
  if (!current) return 'default'
  for (const config of configs) {
    const contexts = field(config, 'contexts')
    if (!Array.isArray(contexts)) continue
    const found = contexts.find(context => text(field(context as GoValue, 'name')) === current) as GoValue | undefined
    if (found !== undefined) return text(field(field(found, 'context'), 'namespace')) || 'default'
  }
  return 'default'
}

function kubeconfigPaths(env: Readonly<Record<string, string | undefined>>, options: KubeOptions): string[] {
  if (options.kubeconfig) return [options.kubeconfig]
  if (env['KUBECONFIG']) return env['KUBECONFIG'].split(':').filter(path => path !== '')
  return env['HOME'] ? [join(env['HOME'], '.kube/config')] : []
}

/** A file that is missing says nothing; undefined for one that is no YAML. */
function readConfig(file: string): GoValue | undefined {
  let content: string
  try {
    content = readFileSync(file, 'utf8')
  } catch {
    return null
  }
  try {
    return parseValue(content, { file })
  } catch (error) {
    if (error instanceof DecapodError) return undefined
    throw error
  }
}

function field(value: GoValue | undefined, key: string): GoValue | undefined {
  return value instanceof Map ? (value.get(key) as GoValue | undefined) : undefined
}

function text(value: GoValue | undefined): string {
  return typeof value === 'string' ? value : ''
}

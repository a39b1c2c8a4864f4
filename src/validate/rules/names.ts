import { textOf, type YamlMap, type YamlNode } from '../../yaml/node.ts'
import type { Report, Rule } from '../finding.ts'
import { below, field, groupOf, mapOf, type SiteObject } from '../objects.ts'
import { containersOf, elements, podOf } from '../pods.ts'

/** What a name may look like (apimachinery's util/validation). */
interface NameForm {
  readonly pattern: RegExp
  readonly longest: number
  readonly means: string
}

const subdomain: NameForm = {
  pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
  longest: 253,
  means: 'lower case letters, digits, "-" and "."',
}
const label: NameForm = {
  pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
  longest: 63,
  means: 'lower case letters, digits and "-"',
}
const serviceLabel: NameForm = {
  pattern: /^[a-z]([-a-z0-9]*[a-z0-9])?$/,
  longest: 63,
  means: 'lower case letters, digits and "-", a letter first',
}
const pathSegment: NameForm = { pattern: /^(?!\.{1,2}$)[^/%]+$/, longest: 253, means: 'anything but "/" and "%"' }
const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/

const forms: Readonly<Record<string, NameForm>> = {
  ' Namespace': label,
  ' Service': serviceLabel,
  'batch CronJob': { ...subdomain, longest: 52 },
  'batch Job': { ...subdomain, longest: 63 },
  'rbac.authorization.k8s.io Role': pathSegment,
  'rbac.authorization.k8s.io ClusterRole': pathSegment,
  'rbac.authorization.k8s.io RoleBinding': pathSegment,
  'rbac.authorization.k8s.io ClusterRoleBinding': pathSegment,
}

/** Names, labels and annotations that an API server refuses. */
export const names: Rule = {
  name: 'name',
  summary: 'names, namespaces, labels and annotations that Kubernetes does not allow',
  severity: 'error',
  check(site, report) {
    for (const object of site.objects) {
      checkName(object, report)
      checkLabels(object, object.node, '', report)
      const pod = podOf(object)
      if (pod === undefined) continue
      const path = pod.path.replace(/(^|\.)spec$/, '')
      if (path !== '') checkLabels(object, pod.template, path, report)
      checkContainers(object, report)
    }
  },
}

function checkName(object: SiteObject, report: Report): void {
  const { apiVersion, kind, name, node } = object
  const form = forms[`${groupOf(apiVersion)} ${kind}`] ?? subdomain
  const own = field(node, 'metadata', 'name')
  // A generated name gets its end from the server.
  if (own !== undefined) checkForm(object, own, 'metadata.name', name, form, report)
  const namespace = field(node, 'metadata', 'namespace')
  if (textOf(namespace)) checkForm(object, namespace!, 'metadata.namespace', textOf(namespace)!, label, report)
}

function checkForm(
  object: SiteObject,
  node: YamlNode,
  path: string,
  text: string,
  { pattern, longest, means }: NameForm,
  report: Report,
): void {
  if (text.length > longest) {
    report(object, node, path, `"${text}" has ${text.length} characters, and may have ${longest}`)
  } else if (!pattern.test(text)) {
    report(object, node, path, `"${text}" is no name for it: ${means}`)
  }
}

/** Labels and annotations of what has `metadata`. */
function checkLabels(object: SiteObject, owner: YamlMap, path: string, report: Report): void {
  const metadata = mapOf(owner.get('metadata'))
  const at = below(path, 'metadata').replace(/^\./, '')
  for (const kind of ['labels', 'annotations']) {
    const given = mapOf(metadata?.get(kind))
    if (given === undefined) continue
    let size = 0
    for (const { key, value } of given.pairs) {
      const name = textOf(key) ?? ''
      const text = textOf(value) ?? ''
      size += Buffer.byteLength(name) + Buffer.byteLength(text)
      const place = below(`${at}.${kind}`, name)
      const wrong = keyTrouble(name)
      if (wrong !== undefined) report(object, key, place, `the key "${name}" ${wrong}`)
      if (kind !== 'labels') continue
      if (text.length > 63) report(object, value, place, `"${text}" has ${text.length} characters, and may have 63`)
      else if (!labelValue.test(text)) {
        report(object, value, place, `"${text}" is no value of a label: letters, digits, "-", "_" and "."`)
      }
    }
    if (kind === 'annotations' && size > 256 * 1024) {
      report(object, given, `${at}.annotations`, `annotations have ${size} bytes, and may have ${256 * 1024}`)
    }
  }
}

/** What is wrong with the key of a label or an annotation: an optional domain, and a name. */
function keyTrouble(key: string): string | undefined {
  const slash = key.indexOf('/')
  const prefix = slash === -1 ? undefined : key.slice(0, slash)
  const name = key.slice(slash + 1)
  if (prefix !== undefined && !(prefix.length <= 253 && subdomain.pattern.test(prefix.toLowerCase()))) {
    return 'has something else than a domain before the "/"'
  }
  if (name === '') return 'has no name'
  if (name.length > 63) return `has a name of ${name.length} characters, and may have 63`
  return labelValue.test(name) ? undefined : 'may have letters, digits, "-", "_" and "."'
}

function checkContainers(object: SiteObject, report: Report): void {
  const pod = podOf(object)!
  const seen = new Set<string>()
  for (const { node, path } of containersOf(pod)) {
    const name = node.get('name')
    const text = textOf(name)
    if (text !== undefined) {
      checkForm(object, name!, `${path}.name`, text, label, report)
      if (seen.has(text)) report(object, name, `${path}.name`, `two containers of the pod are named "${text}"`)
      seen.add(text)
    }
    for (const { node: port, path: at } of elements(node.get('ports'), `${path}.ports`)) {
      const portName = port.get('name')
      const given = textOf(portName)
      if (given === undefined) continue
      const isGood = given.length <= 15 && /^(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*$/.test(given)
      if (!isGood) {
        report(
          object,
          portName,
          `${at}.name`,
          `"${given}" is no name of a port: 15 lower case letters, digits and "-" at most`,
        )
      }
    }
  }
}

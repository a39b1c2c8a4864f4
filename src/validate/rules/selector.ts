import { textOf, type YamlMap } from '../../yaml/node.ts'
import type { Rule } from '../finding.ts'
import { field, groupOf, mapOf, type SiteObject, type SiteObjects } from '../objects.ts'
import { podOf } from '../pods.ts'

/** Selectors of workloads that do not select their own pods: an API server refuses these. */
export const selector: Rule = {
  name: 'selector',
  summary: 'workloads whose selector does not match the labels of their own pods',
  severity: 'error',
  check(site, report) {
    for (const object of site.objects) {
      if (groupOf(object.apiVersion) !== 'apps') continue
      const pod = podOf(object)
      const wanted = mapOf(field(object.node, 'spec', 'selector', 'matchLabels'))
      if (pod === undefined || wanted === undefined) continue
      const labels = mapOf(field(pod.template, 'metadata', 'labels'))
      for (const { key, value } of wanted.pairs) {
        const name = textOf(key) ?? ''
        const has = textOf(labels?.get(name))
        if (has === textOf(value)) continue
        const message = `selects pods with ${name}: ${textOf(value)}, and its own have ${has === undefined ? 'no such label' : `${name}: ${has}`}`
        report(object, value, 'spec.selector.matchLabels', message)
      }
    }
  },
}

/** Services and disruption budgets that select no pod of the site. */
export const selectsNothing: Rule = {
  name: 'selects-nothing',
  summary: 'Services and PodDisruptionBudgets that select no pod that the site renders',
  severity: 'warning',
  check(site, report) {
    const pods = podLabels(site)
    for (const object of site.objects) {
      const way = object.kind === 'Service' ? ['spec', 'selector'] : ['spec', 'selector', 'matchLabels']
      if (
        !['Service', 'PodDisruptionBudget'].includes(object.kind) ||
        !['', 'policy'].includes(groupOf(object.apiVersion))
      )
        continue
      const wanted = mapOf(field(object.node, ...way))
      if (wanted === undefined || wanted.pairs.length === 0) continue
      const there = pods.get(`${object.target} ${object.namespace}`) ?? []
      // Where custom resources are, an operator may make the pods.
      if (there.some(labels => selects(wanted, labels)) || hasOperator(site, object)) continue
      report(object, wanted, way.join('.'), 'selects no pod that the site renders')
    }
  },
}

function podLabels(site: SiteObjects): Map<string, (YamlMap | undefined)[]> {
  const found = new Map<string, (YamlMap | undefined)[]>()
  for (const object of site.objects) {
    const pod = podOf(object)
    if (pod === undefined) continue
    const key = `${object.target} ${object.namespace}`
    const labels = found.get(key) ?? []
    found.set(key, labels)
    labels.push(mapOf(field(pod.template, 'metadata', 'labels')))
  }
  return found
}

function selects(wanted: YamlMap, labels: YamlMap | undefined): boolean {
  return wanted.pairs.every(({ key, value }) => textOf(labels?.get(textOf(key) ?? '')) === textOf(value))
}

/** Whether the app has custom resources besides: pods are then made of them, by rules that are not written here. */
function hasOperator(site: SiteObjects, { group, app }: SiteObject): boolean {
  return site.objects.some(
    other =>
      other.group === group &&
      other.app === app &&
      /\./.test(groupOf(other.apiVersion)) &&
      !/k8s\.io$/.test(groupOf(other.apiVersion)),
  )
}

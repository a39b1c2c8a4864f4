/** Workspaces as data, rendered in memory: for tests of what a render makes of its files. */

import { formatError } from '../../src/errors.ts'
import { loadChart } from '../../src/helm/load.ts'
import { type RenderPorts, renderSite, type SiteResult } from '../../src/render/pipeline.ts'
import { type Selection, selectUnits } from '../../src/site/plan.ts'
import { loadConfig, loadWorkspace, type Root, type Workspace } from '../../src/site/workspace.ts'
import { formatSource } from '../../src/source.ts'
import { memoryTree } from '../../src/tree.ts'
import type { PlaceholderMode } from '../../src/values/placeholders.ts'

export type Files = Record<string, string>

/** A workspace of files below base/, sites/ and at the top. */
export function workspaceOf(files: Files): Workspace {
  const root = (label: string, prefix: string): Root => {
    const inside = Object.entries(files).filter(([path]) => path.startsWith(prefix))
    return {
      tree: memoryTree(Object.fromEntries(inside.map(([path, text]) => [path.slice(prefix.length), text]))),
      label,
    }
  }
  const project = root('', '')
  return loadWorkspace(loadConfig(project, []), {
    project,
    base: root('base', 'base/'),
    sites: root('sites', 'sites/'),
  })
}

/**
 * Renders sites of a workspace, the first one selected is the result. `charts` are fetched ones: source as
 * formatSource writes it → files of the chart.
 */
export function render(
  files: Files,
  selectors: string[] = ['s'],
  charts: Readonly<Record<string, Files>> = {},
  more: { readonly placeholders?: PlaceholderMode; readonly ports?: Partial<RenderPorts> } = {},
): { result: SiteResult; selection: Selection } {
  const workspace = workspaceOf(files)
  const [selection] = selectUnits(workspace, selectors, false)
  const settings = { kubeVersion: '1.31.0', placeholders: more.placeholders, format: undefined }
  const result = renderSite(workspace, selection!, settings, {
    chart: source => {
      const key = formatSource(source)
      const chart = charts[key]
      if (chart === undefined) throw new Error(`no fetched chart ${key} here`)
      return { chart: loadChart(memoryTree(chart), '/', { label: key }), label: key }
    },
    helm: () => ({}),
    ...more.ports,
  })
  return { result, selection: selection! }
}

/** A HelmRelease of the chart `base/g/charts/c`. */
export function release(name: string, values = 'v: base', chart = 'c'): string {
  const indented = values.replace(/^/gm, '    ')
  return `---\napiVersion: helm.fluxcd.io/v1\nkind: HelmRelease\nmetadata: {name: ${name}}\nspec:\n  chart: {type: path, path: charts/${chart}}\n  targetNamespace: ns\n  values:\n${indented}\n`
}

/** A site-values.yaml; its body begins on line 4. */
export function document(body: string): string {
  return `apiVersion: openinfradev.github.com/v1\nkind: HelmValuesTransformer\nmetadata: {name: x}\n${body}`
}

/** A chart that prints `v`. */
export const chart: Files = {
  'base/g/charts/c/Chart.yaml': 'apiVersion: v2\nname: c\nversion: 1.0.0\n',
  'base/g/charts/c/templates/cm.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n  namespace: {{ .Release.Namespace }}\ndata:\n  v: {{ .Values.v | quote }}\n',
}

/** The site names a kustomization of the base. */
export const style1: Files = {
  ...chart,
  'base/g/base/kustomization.yaml': 'resources: [resources.yaml]\n',
  'base/g/base/resources.yaml': release('a') + release('b'),
  'sites/s/g/kustomization.yaml': 'resources: [../base]\ntransformers: [site-values.yaml]\n',
  'sites/s/g/site-values.yaml': document('charts:\n- {name: a, override: {v: site}}\n'),
}

/** The site has its values alone. */
export const style2: Files = {
  ...chart,
  'base/g/base/resources.yaml': release('a') + release('b'),
  'sites/s/g/site-values.yaml': document('charts:\n- {name: a, override: {v: site}}\n'),
}

export function texts(result: SiteResult): Record<string, string> {
  return Object.fromEntries([...result.files].map(([path, bytes]) => [path, Buffer.from(bytes).toString('utf8')]))
}

/** The first line of each failure. */
export function errors(result: SiteResult): string[] {
  return result.failures.map(failure => formatError(failure.error).split('\n')[0]!)
}

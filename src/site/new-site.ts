/** The files of a new site over all groups of a base, with everything that has no value yet marked as such. */
import { type FileTree, readText, walkFiles } from '../tree.ts'

/** Path below the site's directory → text. A site of it renders as soon as the CHANGEMEs are filled in. */
export function newSiteFiles(base: FileTree, name: string): Map<string, string> {
  const files = new Map<string, string>()
  const groups = base
    .list('/')
    .filter(entry => entry.kind === 'dir' && !entry.name.startsWith('.'))
    .map(entry => entry.name)
  files.set('site.yaml', siteText(name))
  for (const group of groups) {
    const hasBase = base.kind(`/${group}/base`) === 'dir'
    const { wanted, apps } = readGroup(base, group)
    if (!hasBase && apps.length === 0) continue
    if (hasBase && base.kind(`/${group}/base/kustomization.yaml`) === 'file') {
      files.set(`${group}/kustomization.yaml`, kustomizationText(base, group))
    }
    files.set(`${group}/site-values.yaml`, valuesText(name, group, wanted, apps))
  }
  return files
}

function siteText(name: string): string {
  const optional = (field: string, meaning: string): string => `# ${field.padEnd(30)} # ${meaning}`
  return `# ${name}: what is different here. All fields are optional.
${optional('labels: {ring: test}', 'what `when` and fleets select by')}
${optional(`cluster: ${name}`, "its name in Argo CD; the site's name by default")}
${optional('kubeVersion: 1.31.0', 'what charts are rendered for')}
${optional('layers: [layers/region]', "directories below sites/ that apply before the site's own values")}
${optional(`delivery: {prefix: ${name}}`, 'before Application names, where sites share one Argo CD')}

# Values of $(name) in every group.
variables:
  clusterName: ${name}
`
}

function kustomizationText(base: FileTree, group: string): string {
  const infra = base
    .list(`/${group}/infra`)
    .filter(entry => entry.kind === 'dir')
    .map(entry => `  # - ../infra/${entry.name}\n`)
  const choice = infra.length === 0 ? '' : `  # One of these:\n${infra.join('')}`
  return `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - ../base
${choice}transformers:
  - site-values.yaml
`
}

function valuesText(site: string, group: string, wanted: readonly string[], apps: readonly string[]): string {
  const global =
    wanted.length === 0 ? 'global: {}\n' : `global:\n${wanted.map(v => `  ${JSON.stringify(v)}: CHANGEME\n`).join('')}`
  const charts = apps.length === 0 ? 'charts: []\n' : `charts:\n${apps.map(app => `  - name: ${app}\n`).join('')}`
  return `apiVersion: openinfradev.github.com/v1
kind: HelmValuesTransformer
metadata:
  name: ${site}-${group}
${global}${charts}`
}

/** The variables of a group that nothing gives a value, and its releases, both in the order in which they stand there. */
function readGroup(base: FileTree, group: string): { wanted: string[]; apps: string[] } {
  const used = new Set<string>()
  const given = new Set<string>(['clusterName'])
  const apps: string[] = []
  const dir = base.kind(`/${group}/base`) === 'dir' ? `/${group}/base` : `/${group}`
  for (const path of walkFiles(base, dir)) {
    if (!/\.ya?ml$/.test(path) || /\/(charts|templates)\//.test(path)) continue
    const text = readText(base, path)!
    // A look at the text is enough: what it takes for a variable too many is one line that a person removes.
    for (const document of text.split(/^---\s*$/m)) {
      if (/^kind: HelmValuesTransformer\s*$/m.test(document)) {
        for (const key of globalsOf(document)) given.add(key)
      } else if (/^kind: HelmRelease\s*$/m.test(document)) {
        const name = /^metadata:\s*\n(?:[ ]+.*\n)*?[ ]+name: *["']?([\w.-]+)/m.exec(document)?.[1]
        if (name !== undefined) apps.push(name)
        const code = document.replace(/^\s*#.*$/gm, '')
        for (const match of code.matchAll(/\$\$\(|\$\(([^()]+)\)/g)) if (match[1] !== undefined) used.add(match[1])
      }
    }
  }
  return { wanted: [...used].filter(name => !given.has(name)), apps }
}

function globalsOf(document: string): string[] {
  const block = /^global:\s*\n((?:(?:[ ]+.*|\s*#.*|\s*)\n)*)/m.exec(`${document}\n`)?.[1] ?? ''
  const indent = /^( +)[^\s#]/m.exec(block)?.[1]
  if (indent === undefined) return []
  return [...block.matchAll(new RegExp(`^${indent}["']?([^\\s"':#][^"':]*)["']?:`, 'gm'))].map(match => match[1]!)
}

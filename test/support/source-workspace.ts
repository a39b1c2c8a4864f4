import { join } from 'node:path'
import { type CliResult, runCli } from './cli.ts'
import type { ServedChart } from './source-servers.ts'
import { chartArchive } from './source-servers.ts'
import { TestWorkspace } from './workspace.ts'

/** A chart as a release of the workspace names it: the fields of spec.chart. */
export type ChartFields = Readonly<Record<string, string>>

/** A workspace of one group and one site, whose charts and bases come from elsewhere; with a home and a cache of its own. */
export class SourceWorkspace extends TestWorkspace {
  readonly env: Record<string, string>

  constructor(charts: Readonly<Record<string, ChartFields>>, remotes: readonly string[] = []) {
    super(new Map())
    this.env = { PATH: process.env['PATH']!, HOME: join(this.dir, '.home'), DECAPOD_CACHE: join(this.dir, '.cache') }
    this.write('decapod.yaml', 'kubeVersion: 1.31.0\n')
    this.write('sites/site-x/app/kustomization.yaml', 'resources: [../base]\n')
    this.setCharts(charts, remotes)
  }

  /** Line 7 of resources.yaml is the first chart's. */
  setCharts(charts: Readonly<Record<string, ChartFields>>, remotes: readonly string[] = []): void {
    const releases = Object.entries(charts).map(([app, fields]) => {
      const chart = Object.entries(fields).map(([key, value]) => `    ${key}: ${JSON.stringify(value)}\n`)
      return `apiVersion: helm.fluxcd.io/v1\nkind: HelmRelease\nmetadata: {name: ${app}}\nspec:\n  targetNamespace: app\n  chart:\n${chart.join('')}`
    })
    this.write('base/app/base/resources.yaml', releases.join('---\n'))
    const resources = ['resources.yaml', ...remotes].map(resource => `- ${JSON.stringify(resource)}\n`)
    this.write('base/app/base/kustomization.yaml', `resources:\n${resources.join('')}`)
  }

  /** Runs decapod in this workspace; what differs from run to run (ports, directories) is named. */
  async run(args: string, hosts: Readonly<Record<string, string>> = {}): Promise<CliResult> {
    const result = await runCli(args.split(' '), this.dir, this.env)
    const plain = (text: string): string =>
      Object.entries(hosts).reduce((sum, [name, host]) => sum.replaceAll(host, name), this.plain(text))
    return { code: result.code, stdout: plain(result.stdout), stderr: plain(result.stderr) }
  }
}

export function served(name: string, version: string): ServedChart {
  return { name, version, archive: chartArchive(name, version) }
}

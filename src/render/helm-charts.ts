/** Kustomize's helmCharts rendered by our own Helm engine: joins the two engines, which do not know each other. */
import { DecapodError } from '../errors.ts'
import { formatManifest } from '../helm/format.ts'
import { loadChart } from '../helm/load.ts'
import { renderName } from '../helm/name-template.ts'
import { type RenderOptions, renderChart } from '../helm/render.ts'
import { mergeUserValues } from '../helm/user-values.ts'
import type { ChartReference, HelmPort } from '../kustomize/generators/helm-charts.ts'
import type { Source } from '../source.ts'

export interface HelmChartsOptions {
  /** Charts of repositories that were fetched; none unless given. */
  readonly find?: HelmPort['find']
  /** Time and random values for templates that ask for them. */
  readonly ports?: NonNullable<RenderOptions['ports']>
  /** What counts where an entry of helmCharts says nothing. */
  readonly kubeVersion?: string
  readonly apiVersions?: readonly string[]
}

/** Where helmCharts takes a chart from: a registry for `oci://` repositories, else an HTTP repository. */
export function chartSource({ name, repo, version, devel }: ChartReference): Source {
  // Without a version the newest that is stable; --devel lets others in.
  const wanted = version === '' && devel ? '>0.0.0-0' : version
  if (!repo.startsWith('oci://')) return { kind: 'helm', repository: repo, chart: name, version: wanted }
  const repository = `${repo.slice('oci://'.length).replace(/\/+$/, '')}/${name}`
  return { kind: 'oci', repository, version: wanted }
}

/** The port the Kustomize engine renders charts through. */
export function helmPort(options: HelmChartsOptions = {}): HelmPort {
  const { find = () => undefined, ports, kubeVersion, apiVersions } = options
  return {
    find,
    ...(kubeVersion !== undefined && { kubeVersion }),
    ...(apiVersions !== undefined && { apiVersions }),
    inflate: request => {
      if (request.nameTemplate !== '' && request.releaseName !== '') {
        throw new DecapodError('KUSTOMIZATION_INVALID', 'cannot set --name-template and also specify a name', {
          hint: 'give the chart a releaseName or a nameTemplate, not both',
        })
      }
      const chart = loadChart(request.chart.tree, request.chart.dir)
      const values = mergeUserValues({ files: request.values })
      const rendered = renderChart(chart, {
        // Helm would make up a name from the time; one that stays the same is of more use.
        name:
          request.nameTemplate === ''
            ? request.releaseName || request.name
            : renderName(request.nameTemplate, ports ?? {}),
        ...(request.namespace !== '' && { namespace: request.namespace }),
        ...(request.kubeVersion !== '' && { kubeVersion: request.kubeVersion }),
        ...(ports !== undefined && { ports }),
        values,
        apiVersions: request.apiVersions,
      })
      const { includeCrds, skipHooks: noHooks, skipTests } = request
      return formatManifest(rendered, { includeCrds, noHooks, skipTests })
    },
  }
}

/** What every command that renders gives the pipeline: charts, remote bases, time and randomness of the machine. */
import { machinePorts } from '../io/clock.ts'
import { chartSource, helmPort } from '../render/helm-charts.ts'
import type { RenderPorts } from '../render/pipeline.ts'
import type { OpenWorkspace } from './open-workspace.ts'

/** The ports of an open workspace; `own` is what a command adds: the last render, who is told of progress. */
export function renderPorts(open: OpenWorkspace, own: Pick<RenderPorts, 'last' | 'progress'>): RenderPorts {
  return {
    chart: open.chart,
    kustomize: {
      remotes: open.store.remotes(),
      helm: helmPort({ ports: machinePorts(), find: chart => open.chartTree(chartSource(chart)) }),
    },
    lock: open.store.lock,
    helm: ({ site, group, app }) => machinePorts(open.random?.(`${site}/${group}/${app}`)),
    ...(open.renders && { cache: open.renders.port }),
    ...own,
  }
}

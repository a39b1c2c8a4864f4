/** Charts as artifacts of a registry, as `helm push` makes them (helm.sh/helm/v3/pkg/registry), without its time. */
import { loadChartArchive } from '../helm/load.ts'
import { digestOf } from './cache.ts'
import type { RawManifest } from './registry.ts'

const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const configType = 'application/vnd.cncf.helm.config.v1+json'
const layerType = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip'

export interface ChartArtifact {
  readonly name: string
  readonly version: string
  readonly manifest: RawManifest
  readonly config: { readonly digest: string; readonly bytes: Uint8Array }
}

/** The manifest and configuration of a chart archive; the same archive gives the same. Throws as loading a chart does. */
export function packChart(archive: Uint8Array, label: string): ChartArtifact {
  const { metadata } = loadChartArchive(archive, { label })
  const { name, version, description, apiVersion, appVersion, type, kubeVersion } = metadata
  const said = Object.entries({ name, version, description, apiVersion, appVersion, type, kubeVersion })
  const bytes = Buffer.from(JSON.stringify(Object.fromEntries(said.filter(([, text]) => text !== ''))))
  const config = { digest: digestOf(bytes), bytes }
  const body = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: { mediaType: configType, digest: config.digest, size: bytes.length },
      layers: [{ mediaType: layerType, digest: digestOf(archive), size: archive.length }],
      annotations: {
        'org.opencontainers.image.title': name,
        'org.opencontainers.image.version': version,
      },
    }),
  )
  return { name, version, config, manifest: { mediaType: manifestType, digest: digestOf(body), bytes: body } }
}

/** The digest of the chart archive that a manifest names; undefined for a manifest of something else. */
export function chartLayerOf(manifest: Uint8Array): string | undefined {
  try {
    const { layers } = JSON.parse(Buffer.from(manifest).toString('utf8')) as {
      layers?: { mediaType?: string; digest?: string }[]
    }
    return layers?.find(layer => layer.mediaType === layerType)?.digest
  } catch {
    return undefined
  }
}

/** A bill of materials of a bundle in CycloneDX 1.6 (https://cyclonedx.org): its images and charts, without times. */
import { createHash } from 'node:crypto'
import type { BundleContent } from './manifest.ts'
import { tryParseReference } from './reference.ts'

/** The JSON text; the same contents give the same bytes. */
export function formatSbom(engine: string, sites: readonly string[], contents: readonly BundleContent[]): string {
  const components = contents
    .filter(c => c.type === 'image' || c.type === 'chart' || c.type === 'source')
    .map(componentOf)
    .sort((a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1))
  const body = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: '',
    version: 1,
    metadata: {
      tools: { components: [{ type: 'application', name: 'decapod', version: engine }] },
      component: { type: 'application', name: `decapod bundle: ${[...sites].sort().join(', ')}`, 'bom-ref': 'bundle' },
    },
    components,
    dependencies: [{ ref: 'bundle', dependsOn: components.map(c => c['bom-ref']) }],
  }
  return JSON.stringify({ ...body, serialNumber: serialNumber(JSON.stringify(body)) }, undefined, 1) + '\n'
}

interface Component {
  readonly 'bom-ref': string
  readonly [field: string]: unknown
}

function componentOf(content: BundleContent): Component {
  const { type, name, digest } = content
  const hashes = [{ alg: 'SHA-256', content: digest.slice('sha256:'.length) }]
  const reference = type === 'image' ? tryParseReference(name) : undefined
  if (reference !== undefined) {
    const { host, path, tag } = reference
    const short = path.split('/').at(-1)!
    // https://github.com/package-url/purl-spec, type oci: the name is the last part, the rest are qualifiers.
    const qualifiers = [
      `repository_url=${encodeURIComponent(`${host}/${path}`)}`,
      ...(tag === undefined ? [] : [`tag=${encodeURIComponent(tag)}`]),
    ].join('&')
    const purl = `pkg:oci/${short}@${encodeURIComponent(digest)}?${qualifiers}`
    return {
      type: 'container',
      'bom-ref': `image ${name}`,
      name: `${host}/${path}`,
      ...(tag === undefined ? {} : { version: tag }),
      hashes,
      purl,
    }
  }
  const [kind = '', where = '', chart, version] = name.split(' ')
  const helm = kind === 'helm' && chart !== undefined
  return {
    type: type === 'chart' ? 'application' : 'file',
    'bom-ref': `${type} ${name}`,
    name: helm ? chart : where || name,
    ...(helm && version !== undefined ? { version } : {}),
    hashes,
    ...(helm && version !== undefined
      ? {
          purl: `pkg:helm/${encodeURIComponent(chart)}@${encodeURIComponent(version)}?repository_url=${encodeURIComponent(where)}`,
        }
      : {}),
  }
}

/** A UUID made of the content, so that it is the same on every machine (version 8 of RFC 9562: custom). */
function serialNumber(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x80
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { startAirGap } from '../support/airgap.ts'
import { builtProgram } from '../support/built.ts'
import { installed } from '../support/servers.ts'
import { gitEnvironment } from '../support/workspace.ts'

const there = ['docker-registry', 'git', 'zstd'].every(installed)

/** The commands of a page, in order: on which side, and what is pasted there. */
function blocksOf(page: string): { side: string; script: string }[] {
  const text = readFileSync(resolve(import.meta.dirname, '../../docs', page), 'utf8')
  return [...text.matchAll(/^```sh (near|far)\n(.*?)^```$/gms)].map(m => ({ side: m[1]!, script: m[2]! }))
}

function run(
  script: string,
  cwd: string,
  env: Record<string, string>,
): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn('sh', ['-e'], { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString()
  })
  child.stdin.end(script)
  return new Promise(done => child.on('close', code => done({ code, out, err })))
}

test.skipIf(!there)(
  `docs/airgap.md: every command runs${there ? '' : ' (skipped: docker-registry, git or zstd not installed)'}`,
  async () => {
    const gap = await startAirGap(50_000)
    try {
      const bin = join(gap.dir, 'bin')
      const far = join(gap.workspace.dir, 'media')
      mkdirSync(bin)
      const program = (name: string, text: string): void => {
        writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`)
        chmodSync(join(bin, name), 0o755)
      }
      // The origins of the images are on this machine.
      const from = `--from docker.io=${gap.near.host} --from quay.io=${gap.near.host}`
      program(
        'decapod',
        `case "$1 $2" in "bundle export") set -- "$@" ${from};; esac\nexec ${process.execPath} ${builtProgram()} "$@"`,
      )
      program('kubectl', `cat > ${join(gap.dir, 'applied.yaml')}`)
      const env = {
        ...gitEnvironment,
        HOME: gap.dir,
        PATH: `${bin}:${gap.env['PATH']}`,
        DECAPOD_CACHE: join(gap.dir, 'docs-cache'),
      }
      const outputs: string[] = []
      const blocks = blocksOf('airgap.md')
      expect(blocks.length).toBeGreaterThan(6)
      for (const { side, script } of blocks) {
        if (side === 'far' && !existsSync(join(far, 'decapod.pub')))
          writeFileSync(join(far, 'decapod.pub'), gap.workspace.read('decapod.pub'))
        const local = script
          .replaceAll('https://git.site-z.internal/platform/manifests.git', gap.git.url)
          .replaceAll('registry.site-z.internal', gap.far.host)
        const { code, out, err } = await run(local, side === 'near' ? gap.workspace.dir : far, env)
        expect({ code, err }, local).toEqual({ code: 0, err: expect.not.stringMatching(/error|fatal/) as string })
        outputs.push(out)
        if (script.includes('git status')) expect(out).toMatch(/no change in \d+ files\n$/)
      }
      expect(readFileSync(join(gap.dir, 'applied.yaml'), 'utf8')).toContain('kind: Application')
      expect(outputs.join('')).toMatch(/is whole and signed with the given key/)
    } finally {
      await gap.stop()
    }
  },
  120_000,
)

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { dealSites, renderAndCommitWorkflowTemplate } from '../../src/argo/render-workflow.ts'
import { schemaErrors } from './schema.ts'

describe('render and commit', () => {
  const options = {
    image: 'registry.example.com/decapod:0.1.0',
    workspace: { repoURL: 'https://git.example.com/workspace.git', revision: 'main' },
    manifests: { repoURL: 'https://git.example.com/manifests.git', revision: 'main' },
    gitSecret: 'git-credentials',
  }
  const template = renderAndCommitWorkflowTemplate(options)

  test('it validates, and nobody sees a password', () => {
    expect(schemaErrors(template)).toEqual([])
    const commit = template.spec.templates.find(t => t.name === 'commit')!
    expect(commit.script!.env).toContainEqual({
      name: 'GIT_PASSWORD',
      valueFrom: { secretKeyRef: { name: 'git-credentials', key: 'password' } },
    })
  })

  test('parameters reach scripts as environment only', () => {
    for (const { script } of template.spec.templates) expect(script?.source ?? '').not.toContain('{{')
  })

  test.each(['plan', 'render', 'commit'])('the script of %s is a shell script', name => {
    const { source } = template.spec.templates.find(t => t.name === name)!.script!
    expect(() => execFileSync('sh', ['-n'], { input: source })).not.toThrow()
  })

  test('the scripts hand sites through: two shards, one site failing', () => {
    const dir = mkdtempSync(join(tmpdir(), 'decapod-shards-'))
    try {
      const bin = join(dir, 'bin')
      mkdirSync(bin)
      // Renders each site into --out, but fails on "bad", whose old output stays; commit lists what it is given.
      writeFileSync(
        join(bin, 'decapod'),
        `#!/bin/sh
verb=$1; shift
case $verb in
  render) out= sites= code=0
    while [ $# -gt 0 ]; do case $1 in --out) out=$2; shift 2 ;; *) sites="$sites $1"; shift ;; esac; done
    for s in $sites; do
      if [ $s = bad ]; then code=1; else mkdir -p $out/$s && echo new > $out/$s/f.yaml; fi
    done
    exit $code ;;
  commit) echo "$@" > ${dir}/committed ;;
esac
`,
        { mode: 0o755 },
      )
      const run = (name: string, work: string, env: Record<string, string>): number | null => {
        const { source } = template.spec.templates.find(t => t.name === name)!.script!
        return spawnSync('sh', ['-c', source.replaceAll('/workdir/', `${work}/`)], {
          cwd: work,
          env: { ...env, PATH: `${bin}:${process.env['PATH']}` },
        }).status
      }
      const shards = join(dir, 'commit', 'shards')
      mkdirSync(shards, { recursive: true })
      const share = ['a b', 'bad c'].map((sites, index) => {
        const work = join(dir, `render-${index}`)
        mkdirSync(join(work, 'manifests', 'bad'), { recursive: true })
        writeFileSync(join(work, 'manifests', 'bad', 'f.yaml'), 'old\n')
        const code = run('render', work, { INDEX: String(index), SITES: sites })
        writeFileSync(join(shards, `${index}.tar`), readFileSync(join(work, 'shard.tar')))
        return code
      })
      expect(share).toEqual([0, 1])
      const work = join(dir, 'commit')
      expect(run('commit', work, { REPOSITORY: 'r', BRANCH: 'main' })).toBe(1)
      expect(readdirSync(join(work, 'rendered')).sort()).toEqual(['.failed-1', 'a', 'b', 'bad', 'c'])
      expect(readFileSync(join(work, 'rendered', 'bad', 'f.yaml'), 'utf8')).toBe('old\n')
      expect(readFileSync(join(work, 'rendered', 'c', 'f.yaml'), 'utf8')).toBe('new\n')
      expect(readFileSync(join(dir, 'committed'), 'utf8')).toBe(
        `a b bad c --rendered --out ${work}/rendered --repo r --branch main\n`,
      )
    } finally {
      rmSync(dir, { recursive: true })
    }
  })

  test('a number of shards that makes no sense', () => {
    expect(() => renderAndCommitWorkflowTemplate({ ...options, shards: 0 })).toThrow('in 1 or more shards, not 0')
  })

  test.each<[sites: number, shards: number, sizes: number[]]>([
    [0, 4, []],
    [3, 8, [1, 1, 1]],
    [10, 3, [4, 3, 3]],
    [2000, 16, Array.from({ length: 16 }, () => 125)],
  ])('%i sites on %i shards', (sites, count, sizes) => {
    const names = Array.from({ length: sites }, (_, i) => `site-${i}`)
    const shards = dealSites(names, count)
    expect(shards.map(s => s.sites.length)).toEqual(sizes)
    expect(shards.flatMap(s => s.sites).sort()).toEqual([...names].sort())
    expect(dealSites(names, count)).toEqual(shards)
  })
})

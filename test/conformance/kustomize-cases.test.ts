/**
 * Whole builds taken from kustomize's own tests, with what kustomize 5.8.2 printed for them
 * (../shared/conformance/README.md). Skipped where that file is not.
 */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { runCli } from '../support/cli.ts'
import { conformanceFile } from '../support/conformance.ts'

interface Case {
  readonly id: string
  readonly files: Readonly<Record<string, string | { base64: string }>>
  readonly git?: Readonly<Record<string, readonly Branch[]>>
  readonly target_dir: string
  readonly options?: Readonly<Record<string, string | boolean | string[]>>
  readonly expect: {
    readonly output?: string
    readonly unsorted?: string
    readonly warnings?: readonly string[]
    readonly error_contains?: readonly string[]
  }
}

interface Branch {
  readonly branch: string
  readonly files: Case['files']
  readonly submodules?: Readonly<Record<string, string>>
}

const file = conformanceFile('kustomize-cases.json')
const cases = file === undefined ? [] : (JSON.parse(readFileSync(file, 'utf8')) as Case[])
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'decapod-kustomize-')))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const flags: Readonly<Record<string, (value: string) => string[]>> = {
  load_restrictor: value => ['--load-restrictor', value],
  enable_helm: () => ['--enable-helm'],
  enable_alpha_plugins: () => ['--enable-alpha-plugins'],
  enable_exec: () => ['--enable-exec'],
  enable_managedby_label: () => ['--enable-managedby-label'],
  helm_debug: () => ['--helm-debug'],
  helm_kube_version: value => ['--helm-kube-version', value],
  helm_api_versions: value => value.split(',').flatMap(version => ['--helm-api-versions', version]),
}

describe.skipIf(file === undefined)('kustomize 5.8.2', () => {
  test.each(cases.map((c, i) => [c.id, c, i] as const))('%s', async (_, c, i) => {
    const root = join(scratch, String(i))
    const text = (given: string): string => given.replaceAll('@@ROOT@@', root)
    for (const [path, branches] of Object.entries(c.git ?? {})) makeRepository(join(root, path), branches, text)
    layOut(root, c.files, text)
    const options = Object.entries(c.options ?? {})
    const args = options.flatMap(([name, value]) => flags[name]?.(String(value)) ?? [])
    const home = c.options?.['plugin_home']
    const env = {
      ...(process.env as Record<string, string>),
      ...(home && { KUSTOMIZE_PLUGIN_HOME: join(root, String(home)) }),
    }
    const build = (...more: string[]): ReturnType<typeof runCli> =>
      runCli(['build', join(root, c.target_dir), ...args, ...more], root, env)

    const result = await build()
    const { output, unsorted, warnings = [], error_contains: words } = c.expect
    if (words !== undefined) {
      expect(result.stdout).toBe('')
      for (const word of words) expect(result.stderr).toContain(text(word))
      expect(result.code).toBe(1)
      return
    }
    expect(result.stderr).toBe(warnings.map(line => `${text(line)}\n`).join(''))
    expect(result.stdout).toBe(text(output ?? ''))
    expect(result.code).toBe(0)
    if (unsorted !== undefined) expect((await build('--reorder', 'none')).stdout).toBe(text(unsorted))
  })
})

function layOut(dir: string, files: Case['files'], text: (given: string) => string): void {
  mkdirSync(dir, { recursive: true })
  for (const [path, content] of Object.entries(files)) {
    const target = join(dir, path)
    mkdirSync(dirname(target), { recursive: true })
    const isText = typeof content === 'string'
    writeFileSync(target, isText ? text(content) : Buffer.from(content.base64, 'base64'))
    if (isText && content.startsWith('#!')) chmodSync(target, 0o755)
  }
}

/** One commit per branch with exactly its files; the first branch stays checked out. */
function makeRepository(dir: string, branches: readonly Branch[], text: (given: string) => string): void {
  mkdirSync(dir, { recursive: true })
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'protocol.file.allow=always']
  const git = (...args: string[]): void => {
    execFileSync('git', [...identity, ...args], { cwd: dir, stdio: 'ignore' })
  }
  git('init', '-q')
  for (const { branch, files, submodules = {} } of branches) {
    git('checkout', '-q', '--orphan', branch)
    try {
      git('rm', '-rfq', '.')
      git('clean', '-fdxq')
    } catch {
      // Nothing is there before the first commit.
    }
    layOut(dir, files, text)
    for (const [path, url] of Object.entries(submodules))
      git('submodule', 'add', '-q', '--name', `${branch}-${path}`, text(url), path)
    git('add', '-A')
    git('commit', '-q', '--allow-empty', '-m', branch)
  }
  git('checkout', '-q', branches[0]!.branch)
}

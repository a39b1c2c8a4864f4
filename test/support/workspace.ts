import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { initFiles } from '../../src/cli/init-files.ts'

/** A directory of its own with a workspace: what `decapod init` makes, or the given files. */
export class TestWorkspace {
  readonly dir: string

  constructor(files: ReadonlyMap<string, string> = initFiles) {
    this.dir = realpathSync(mkdtempSync(join(tmpdir(), 'decapod-test-')))
    for (const [path, text] of files) this.write(path, text)
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.dir, path)), { recursive: true })
    writeFileSync(join(this.dir, path), text)
  }

  read(path: string): string {
    return readFileSync(join(this.dir, path), 'utf8')
  }

  /** Replaces a part of a file that must be there. */
  edit(path: string, from: string, to: string): void {
    const text = this.read(path)
    if (!text.includes(from)) throw new Error(`${path} has no ${JSON.stringify(from)}`)
    this.write(path, text.replace(from, to))
  }

  delete(path: string): void {
    rmSync(join(this.dir, path))
  }

  /** Another site like site-x. */
  addSite(name: string): void {
    for (const [path, text] of initFiles) {
      if (path.startsWith('sites/site-x/'))
        this.write(path.replace('site-x', name), text.replaceAll('site-x.example', `${name}.example`))
    }
  }

  git(...args: string[]): string {
    return execFileSync('git', args, { cwd: this.dir, encoding: 'utf8', env: gitEnvironment })
  }

  /** Makes a repository of the workspace with everything committed. */
  gitInit(): void {
    this.git('init', '--quiet', '--initial-branch=main')
    this.gitCommit('workspace')
  }

  gitCommit(message: string): void {
    this.git('add', '--all')
    this.git('commit', '--quiet', '--message', message)
  }

  /** Everything that was printed names the directory as "DIR". */
  plain(text: string): string {
    return text.replaceAll(this.dir, 'DIR')
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true })
  }
}

/** git as nobody has configured it. */
export const gitEnvironment: Record<string, string> = {
  PATH: process.env['PATH'] ?? '',
  // No HOME: nothing of the user's is read, and no render is cached.
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Test',
  GIT_AUTHOR_EMAIL: 'test@example.com',
  GIT_AUTHOR_DATE: '2024-01-02T03:04:05Z',
  GIT_COMMITTER_NAME: 'Test',
  GIT_COMMITTER_EMAIL: 'test@example.com',
  GIT_COMMITTER_DATE: '2024-01-02T03:04:05Z',
}

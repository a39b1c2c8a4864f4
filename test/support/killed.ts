import type { ChildProcess } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'

/** Kills a process (spawned detached) and all that it started, with no time to say goodbye; comes back when it is gone. */
export async function killGroup(child: ChildProcess): Promise<void> {
  try {
    process.kill(-child.pid!, 'SIGKILL')
  } catch {
    // It was done already.
  }
  await new Promise(done => (child.exitCode !== null || child.signalCode !== null ? done(0) : child.once('exit', done)))
}

/**
 * Takes away the lock of `main` in a repository on this disk. git's receiving half is a child of who pushes there, so
 * that the kill met it too, which no kill does on a server; its lock then stays until somebody looks, as git says.
 */
export function breakLock(repository: string): void {
  rmSync(join(repository, 'refs/heads/main.lock'), { force: true })
}

#!/usr/bin/env node
/** The executable: connects main() to the process. Threads that help it run the same file. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { isMainThread, workerData } from 'node:worker_threads'
import { keepCompiledCode, optimiseLate } from '../io/compiled-code.ts'
import { systemReason } from '../io/system-error.ts'
import type { ThreadStart } from '../io/threads.ts'
import { defectText, main } from './main.ts'

keepCompiledCode(process.env)
if (isMainThread) await run()
// Started by site-threads.ts.
else (await import('./site-thread.ts')).helpWithSites(workerData as ThreadStart)

async function run(): Promise<void> {
  optimiseLate()

  // A reader that stops early (`decapod … | head`) is no error; a full disk behind `>` is one.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(0)
      if (stream === process.stdout)
        process.stderr.write(`error FILE_INVALID: cannot write the output: ${systemReason(error)}\n`)
      process.exit(1)
    })
  }

  // What is thrown where nobody waits for it must not print a bare trace either.
  process.on('uncaughtException', error => {
    process.stderr.write(defectText(error))
    process.exit(1)
  })

  process.exitCode = await main(process.argv.slice(2), {
    stdout: text => void process.stdout.write(text),
    stderr: text => void process.stderr.write(text),
    env: process.env,
    cwd: currentDirectory(),
    terminal: process.stderr.isTTY === true,
    outTerminal: process.stdout.isTTY === true,
    columns: process.stderr.columns ?? process.stdout.columns ?? 80,
    sourceLine: (file, line) => {
      try {
        return readFileSync(resolve(file), 'utf8').split('\n')[line - 1]
      } catch {
        return undefined
      }
    },
    program: new URL(import.meta.url),
  })
}

/** The directory decapod was started in, by its name even when it has been removed meanwhile: main() then says so. */
function currentDirectory(): string {
  try {
    return process.cwd()
  } catch {
    return process.env['PWD'] ?? '/nowhere'
  }
}

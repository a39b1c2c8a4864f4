#!/usr/bin/env node
/** The executable: connects main() to the process. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { main } from './main.ts'

// A reader that stops early (`decapod … | head`) is no error.
process.stdout.on('error', error => {
  if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(0)
  throw error
})

process.exitCode = await main(process.argv.slice(2), {
  stdout: text => void process.stdout.write(text),
  stderr: text => void process.stderr.write(text),
  env: process.env,
  cwd: process.cwd(),
  terminal: process.stderr.isTTY === true,
  columns: process.stderr.columns ?? 80,
  sourceLine: (file, line) => {
    try {
      return readFileSync(resolve(file), 'utf8').split('\n')[line - 1]
    } catch {
      return undefined
    }
  },
})

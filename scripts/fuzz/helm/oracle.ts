/** Asks test/oracle, built: Helm's own packages in a process that answers JSON lines. */
import { spawnSync } from 'node:child_process'
import type { Answer, Question } from '../../../test/support/answer.ts'

/** What Helm answers, in order; undefined where Go itself crashed (a cyclic map printed) or found no end. */
export function askOracle(oracle: string, questions: readonly Question[], helm: 3 | 4): (Answer | undefined)[] {
  const answers: (Answer | undefined)[] = []
  while (answers.length < questions.length) {
    const rest = questions.slice(answers.length)
    const { stdout, error, status } = spawnSync(oracle, {
      input: rest.map(question => JSON.stringify({ helm, ...question })).join('\n'),
      maxBuffer: 2 ** 30,
      timeout: 60_000,
      killSignal: 'SIGKILL',
      env: { ...process.env, TZ: 'UTC' },
    })
    const code = (error as NodeJS.ErrnoException | undefined)?.code
    // Where Go crashed, what was still to be asked finds no reader.
    if (error !== undefined && code !== 'EPIPE' && code !== 'ETIMEDOUT') throw error
    const text = stdout.toString('utf8')
    const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n')
    lines.pop()
    for (const line of lines) answers.push(normal(JSON.parse(line) as Answer))
    if (status !== 0) answers.push(undefined)
  }
  return answers
}

/** An empty text is left out by the oracle; the number of the question and the time are of no interest. */
function normal({ want, wantBase64, error, warnings }: Answer): Answer {
  const logged = warnings === undefined ? {} : { warnings }
  if (error !== undefined) return { error, ...logged }
  return wantBase64 === undefined ? { want: want ?? '', ...logged } : { wantBase64, ...logged }
}

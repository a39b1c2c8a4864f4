/** How much the templates of charts may take on this machine. */
import { DecapodError } from '../errors.ts'
import { type ExecLimits, limitsTimes } from '../template/exec.ts'

const most = 100

/**
 * The limits that DECAPOD_CHART_LIMITS asks for, so many times the default ones; undefined without it. Throws DecapodError
 * USAGE for what is no number from 1 to 100.
 */
export function chartLimits(env: Readonly<Record<string, string | undefined>>): ExecLimits | undefined {
  const given = env.DECAPOD_CHART_LIMITS
  if (given === undefined || given === '') return undefined
  const factor = /^\d+$/.test(given) ? Number(given) : Number.NaN
  if (factor >= 1 && factor <= most) return limitsTimes(factor)
  throw new DecapodError('USAGE', `DECAPOD_CHART_LIMITS is ${JSON.stringify(given)}`, {
    hint: `it is how many times the default limits the templates of a chart may take: a whole number from 1 to ${most}`,
  })
}

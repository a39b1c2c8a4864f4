import { expect, test } from 'vitest'
import { chartLimits } from '../../src/io/chart-limits.ts'
import { defaultLimits } from '../../src/template/exec.ts'
import { runCli } from '../support/cli.ts'
import { TestWorkspace } from '../support/workspace.ts'

test('so many times the default ones', () => {
  expect(chartLimits({})).toBeUndefined()
  expect(chartLimits({ DECAPOD_CHART_LIMITS: '' })).toBeUndefined()
  expect(chartLimits({ DECAPOD_CHART_LIMITS: '3' })?.steps).toBe(3 * defaultLimits.steps)
})

test.each(['0', '101', '1.5', '-1', 'many', '1e1'])('%j is no number of times', given => {
  expect(() => chartLimits({ DECAPOD_CHART_LIMITS: given })).toThrow(`DECAPOD_CHART_LIMITS is "${given}"`)
})

test('a chart that takes more than it may is told how it gets more, and then does', async () => {
  const workspace = new TestWorkspace()
  const loop = '{{ $t := "" }}{{ range until 9 }}{{ $t = repeat 999999 "four" }}{{ end }}{{ $t | len }}'
  workspace.write('base/hello/charts/hello/templates/long.yaml', `kind: A\nmetadata: {name: a}\nx: ${loop.repeat(8)}\n`)
  const without = await runCli(['render', 'site-x'], workspace.dir)
  expect(without.code).toBe(1)
  expect(without.stderr).toMatch(/LIMIT_EXCEEDED: templates took more than 30000000 steps.*DECAPOD_CHART_LIMITS: 4/s)
  process.env.DECAPOD_CHART_LIMITS = '4'
  try {
    const { code, stderr } = await runCli(['render', 'site-x'], workspace.dir)
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('error')])
  } finally {
    delete process.env.DECAPOD_CHART_LIMITS
    workspace.remove()
  }
})

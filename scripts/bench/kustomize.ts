/**
 * `npm run bench -- kustomize`: `decapod build` beside the real kustomize, each in a process of its own, in one run: time
 * on the clock, CPU and peak memory (of /proc, so on Linux only).
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

const usage = `usage: npm run bench -- kustomize [options]

  --kustomize PATH   the real tool; without it only decapod is measured
  --large DIR        a large real kustomization, such as kubeflow/manifests' example
  --synthetic DIR    DIR/1000, DIR/2000, DIR/4000, DIR/8000 as kustomize_synthetic.py makes them (each has overlay/)
  --whole            run the real tool for all of them: 4,000 take it minutes, 8,000 up to an hour
  --runs N           of each; the best counts (default: 3)
`

/** What the real 5.8.2 took on 2 cores, where it is not run. */
const recorded: Readonly<Record<number, number>> = { 1000: 5.7, 2000: 39, 4000: 253 }

/** The real tool runs up to this size unless --whole is given. */
const quickSize = 1000

interface Cost {
  readonly seconds: number
  readonly cpu: number
  readonly megabytes: number
}

export async function run(args: string[]): Promise<number> {
  const { values: given } = parseArgs({
    args,
    options: {
      kustomize: { type: 'string' },
      large: { type: 'string' },
      synthetic: { type: 'string' },
      whole: { type: 'boolean', default: false },
      runs: { type: 'string', default: '3' },
      help: { type: 'boolean', default: false },
    },
  })
  if (given.help) {
    console.log(usage)
    return 0
  }
  const runs = Number(given.runs)
  const decapod = [process.execPath, resolve(import.meta.dirname, '../../src/cli/bin.js')]
  const ours = (dir: string): Promise<Cost> => best(runs, [...decapod, 'build', dir])
  const real = async (dir: string): Promise<Cost | undefined> =>
    given.kustomize === undefined ? undefined : await best(Math.min(runs, 3), [given.kustomize, 'build', dir])

  const small = mkdtempSync(join(tmpdir(), 'decapod-bench-'))
  writeSmall(small)
  const node = await best(runs * 5, [process.execPath, '-e', '0'])
  report('node -e 0', node)
  const overlay = await best(runs * 5, [...decapod, 'build', small])
  report('overlay of 3 objects', overlay, await real(small))
  console.log(`  over Node's own start: ${((overlay.seconds - node.seconds) * 1000).toFixed(0)} ms`)
  rmSync(small, { recursive: true })

  if (given.large !== undefined) report(given.large, await ours(given.large), await real(given.large))
  if (given.synthetic !== undefined) {
    for (const size of [1000, 2000, 4000, 8000]) {
      const dir = join(given.synthetic, String(size), 'overlay')
      if (!existsSync(dir)) continue
      const own = await ours(dir)
      const measured = given.whole || size <= quickSize ? await real(dir) : undefined
      report(`${size} synthetic resources`, own, measured)
      console.log(`  ${((own.seconds / size) * 1000).toFixed(2)} ms a resource`)
      const before = recorded[size]
      if (measured === undefined && before !== undefined) {
        console.log(
          `  kustomize 5.8.2 as recorded on 2 idle cores: ${before} s, ${(before / own.seconds).toFixed(0)} x`,
        )
      }
    }
  }
  return 0
}

function writeSmall(dir: string): void {
  const object = (kind: string, apiVersion: string, rest: string): string =>
    `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: web}\n${rest}`
  const pod = 'template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: nginx}]}}'
  writeFileSync(
    join(dir, 'kustomization.yaml'),
    'resources: [all.yaml]\nnamePrefix: p-\nlabels: [{pairs: {a: b}, includeSelectors: true}]\nimages: [{name: nginx, newTag: "2"}]\n',
  )
  writeFileSync(
    join(dir, 'all.yaml'),
    [
      object('ConfigMap', 'v1', 'data: {k: v}\n'),
      object('Service', 'v1', 'spec: {selector: {app: web}, ports: [{port: 80}]}\n'),
      object('Deployment', 'apps/v1', `spec: {selector: {matchLabels: {app: web}}, ${pod}}\n`),
    ].join('---\n'),
  )
}

async function best(runs: number, command: readonly string[]): Promise<Cost> {
  let least = await measure(command)
  for (let i = 1; i < runs; i++) {
    const cost = await measure(command)
    least = {
      seconds: Math.min(least.seconds, cost.seconds),
      cpu: Math.min(least.cpu, cost.cpu),
      megabytes: Math.min(least.megabytes, cost.megabytes),
    }
  }
  return least
}

/** Runs a command and watches its process: the kernel keeps the peak, we only must look before it is gone. */
async function measure([program, ...args]: readonly string[]): Promise<Cost> {
  return await new Promise((done, failed) => {
    const start = performance.now()
    const child = spawn(program!, args, { stdio: ['ignore', 'ignore', 'ignore'] })
    let ticks = 0
    let kilobytes = 0
    const look = (): void => {
      try {
        kilobytes = Number(/VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? kilobytes)
        const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
        ticks = Number(fields[11]) + Number(fields[12])
      } catch {
        // It has ended.
      }
    }
    const timer = setInterval(look, 5)
    child.on('error', failed)
    child.on('exit', code => {
      clearInterval(timer)
      if (code !== 0) failed(new Error(`${[program, ...args].join(' ')} ended with ${code}`))
      // A clock tick is 10 ms everywhere Linux runs today.
      else done({ seconds: (performance.now() - start) / 1000, cpu: ticks / 100, megabytes: kilobytes / 1024 })
    })
  })
}

function report(name: string, own: Cost, real?: Cost): void {
  console.log(name)
  console.log(`  decapod    ${costText(own)}`)
  if (real === undefined) return
  console.log(`  kustomize  ${costText(real)}`)
  const times = (a: number, b: number): string => `${(a / b).toFixed(1)} x`
  const ratio = [times(real.seconds, own.seconds), times(real.cpu, own.cpu), times(real.megabytes, own.megabytes)]
  console.log(`  kustomize / decapod: time ${ratio[0]}, CPU ${ratio[1]}, memory ${ratio[2]}`)
}

function costText({ seconds, cpu, megabytes }: Cost): string {
  return `${seconds.toFixed(2).padStart(7)} s, CPU ${cpu.toFixed(2).padStart(6)} s, ${megabytes.toFixed(0).padStart(4)} MB`
}

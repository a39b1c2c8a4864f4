import { expect, test } from 'vitest'
import { Foresight } from '../../src/cli/foresight.ts'

/** Sites of so many apps each, which take so many milliseconds each: threads that are asked for, app by app, until more than one. */
function asked(sites: number, apps: number, milliseconds: (app: number) => number): { after: number; threads: number } {
  const foresight = new Foresight(1000)
  let now = 1000
  for (let site = 0, app = 0; site < sites; site++) {
    for (let done = 0; done < apps; done++, app++) {
      const threads = foresight.threads({ done, total: apps }, sites - 1 - site, now)
      if (threads > 1) return { after: app, threads }
      now += milliseconds(app)
    }
  }
  return { after: sites * apps, threads: 1 }
}

/** The first apps take longest: charts are read, and code is compiled. */
const small = (app: number): number => (app < 10 ? 20 : 4)

test.each<[name: string, sites: number, apps: number, milliseconds: (app: number) => number, want: object]>([
  ['one site, however large, is for one thread', 1, 70, () => 25, { after: 70, threads: 1 }],
  ['few small sites are done before a thread has started', 3, 20, small, { after: 60, threads: 1 }],
  ['many small sites', 200, 20, small, { after: 23, threads: 15 }],
  ['two large ones', 2, 70, () => 25, { after: 10, threads: 2 }],
  ['no more threads than sites that are left', 3, 70, () => 100, { after: 3, threads: 3 }],
  ['sites of a single app', 100, 1, () => 60, { after: 5, threads: 2 }],
])('%s', (_, sites, apps, milliseconds, want) => {
  expect(asked(sites, apps, milliseconds)).toEqual(want)
})

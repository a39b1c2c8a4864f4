import { describe, expect, test } from 'vitest'
import type { SyncWindow } from '../../src/argo/model.ts'
import { orderDelivery } from '../../src/argo/order.ts'
import { appProjects } from '../../src/argo/project.ts'
import type { AppProject } from '../../src/argo/types.ts'
import { delivery, group } from './deliveries.ts'
import { schemaErrors } from './schema.ts'

function projectsOf(of: ReturnType<typeof delivery>): AppProject[] {
  const projects = [...appProjects(of, orderDelivery(of)).values()]
  expect(projects.flatMap(schemaErrors)).toEqual([])
  return projects
}

const night: SyncWindow = { kind: 'allow', schedule: '0 22 * * *', duration: '6h' }

describe('one project for several groups', () => {
  // Argo CD would refuse the second group's Applications: their cluster is none of the project's.
  test('may deploy to the clusters of each of them', () => {
    const shared = delivery([
      group('a', { x: [] }, { project: 'both' }),
      group('b', { y: { target: 'admin' } }, { project: 'both' }),
    ])
    const [project, ...others] = projectsOf(shared)
    expect(others).toEqual([])
    expect(project!.spec.description).toBe('a, b of site-x')
    expect(project!.spec.destinations).toEqual([
      { name: 'site-x', namespace: '*' },
      { name: 'in-cluster', namespace: '*' },
    ])
  })

  test('a window of one of them is for its Applications alone', () => {
    const shared = delivery(
      [
        group('a', { x: [] }, { project: 'both' }),
        group('b', { y: [], z: [] }, { project: 'both', syncWindows: [night] }),
      ],
      { prefix: 'c1' },
    )
    expect(projectsOf(shared)[0]!.spec.syncWindows).toEqual([{ ...night, applications: ['c1-y', 'c1-z'] }])
  })
})

test('a window that is written twice stands once: Argo CD refuses a project that has it twice', () => {
  const twice = delivery([group('a', { x: [] }, { syncWindows: [night, { ...night, manualSync: true }] })])
  expect(projectsOf(twice)[0]!.spec.syncWindows).toEqual([{ ...night, manualSync: true, applications: ['*'] }])
})

test('no project for project default, nor for a group of which nothing is delivered', () => {
  const some = delivery([
    group('a', { x: [] }, { project: 'default' }),
    group('b', { y: { isEmpty: true } }),
    group('c', {}, { steps: [{ name: 's', templateRef: { name: 't', template: 'x' } }] }),
  ])
  expect(projectsOf(some)).toEqual([])
})

describe('windows that Argo CD cannot read are refused', () => {
  const windowed = (window: Partial<SyncWindow>): AppProject[] =>
    projectsOf(delivery([group('a', { x: [] }, { syncWindows: [{ ...night, ...window }] })]))

  test.each(['0 22 * * *', '*/15 0-6,20-23 1 jan-mar MON', '? ? * * ?', '5-50/5 * * * 0'])('schedule %s', schedule => {
    expect(windowed({ schedule })).toHaveLength(1)
  })

  test.each([
    '', // no field
    '0 22 * *', // four fields
    '0 0 22 * * *', // with seconds
    '@daily', // a descriptor: robfig/cron takes them only when it is told to
    '60 * * * *',
    '* 24 * * *',
    '* * 0 * *',
    '* * * 13 *',
    '* * * * 7',
    '5-1 * * * *',
    '*/0 * * * *',
    '* * * monday *',
  ])('no schedule: "%s"', schedule => {
    expect(() => windowed({ schedule })).toThrow(`cannot read the schedule "${schedule}" of a sync window`)
  })

  test.each(['6h', '90m', '1h30m', '0.5h'])('duration %s', duration => {
    expect(windowed({ duration })).toHaveLength(1)
  })

  test.each(['', '6', '6 hours', '1d'])('no duration: "%s"', duration => {
    expect(() => windowed({ duration })).toThrow(`cannot read the duration "${duration}" of a sync window`)
  })
})

import { describe, expect, test } from 'vitest'
import { DecapodError, formatError } from '../../src/errors.ts'
import { selectorsOf, selectUnits, shortList } from '../../src/site/plan.ts'
import { document, workspaceOf } from '../support/render.ts'

const workspace = workspaceOf({
  'base/lma/base/resources.yaml': '',
  'base/mesh/base/resources.yaml': '',
  'base/extra/base/resources.yaml': '',
  ...Object.fromEntries(
    ['one/lma', 'one/mesh', 'two/lma'].map(dir => [`sites/${dir}/site-values.yaml`, document('charts: []\n')]),
  ),
})

function select(selectors: string[], all = false): string[] {
  return selectUnits(workspace, selectors, all).flatMap(({ site, groups }) =>
    groups.map(({ group, apps }) => [`${site.name}/${group.name}`, ...(apps ?? ['*'])].join(' ')),
  )
}

function failure(selectors: string[], all = false): string {
  try {
    return select(selectors, all).join()
  } catch (error) {
    if (error instanceof DecapodError) return formatError(error)
    throw error
  }
}

describe('selectors', () => {
  test.each<[name: string, selectors: string[], want: string[]]>([
    ['a site', ['one'], ['one/lma *', 'one/mesh *']],
    ['a group', ['one/lma'], ['one/lma *']],
    ['apps of a group', ['one/lma/a', 'one/lma/b'], ['one/lma a b']],
    ['an app and its whole group', ['one/lma/a', 'one/lma'], ['one/lma *']],
    ['a whole group and an app of it', ['one/lma', 'one/lma/a'], ['one/lma *']],
    ['several sites, a slash at the end', ['two/', 'one/mesh'], ['two/lma *', 'one/mesh *']],
  ])('%s', (_, selectors, want) => expect(select(selectors)).toEqual(want))

  test.each<[name: string, selectors: string[], want: string[][]]>([
    ['whole sites', ['two', 'one'], [['two/lma'], ['one/lma', 'one/mesh']]],
    // What fails is told in this order.
    ['every group of a site in another order', ['one/mesh', 'one/lma'], [['one/mesh', 'one/lma']]],
    ['groups and apps', ['one/lma', 'two/lma/b', 'two/lma/a'], [['one/lma'], ['two/lma/b', 'two/lma/a']]],
  ])('back from what they select: %s', (_, selectors, want) => {
    const selected = selectUnits(workspace, selectors, false)
    expect(selected.map(selectorsOf)).toEqual(want)
    expect(selected.flatMap(one => selectUnits(workspace, selectorsOf(one), false))).toEqual(selected)
  })

  test('--all', () => expect(select([], true)).toEqual(['one/lma *', 'one/mesh *', 'two/lma *']))

  test.each<[name: string, selectors: string[], all: boolean, want: string]>([
    ['nothing', [], false, 'error USAGE: which site?\n  hint: name one of one, two, or give --all'],
    ['both', ['one'], true, 'error USAGE: --all and names of sites exclude each other'],
    ['no such site', ['oen'], false, 'error SITE_NOT_FOUND: no site "oen" in sites\n  hint: did you mean "one"?'],
    [
      'no such group',
      ['one/lmaa'],
      false,
      'error GROUP_NOT_FOUND: site "one" has no group "lmaa"\n  hint: did you mean "lma"?',
    ],
    [
      'a group that only the base has',
      ['one/extra'],
      false,
      'error GROUP_NOT_FOUND: site "one" has no group "extra"\n  hint: the base has it; to use it, make sites/one/extra/site-values.yaml',
    ],
    ['too deep', ['one/a/b/c'], false, 'error USAGE: "one/a/b/c" is not SITE, SITE/GROUP or SITE/GROUP/APP'],
  ])('%s', (_, selectors, all, want) => expect(failure(selectors, all)).toBe(want))

  test('no site at all', () => {
    expect(() => selectUnits(workspaceOf({}), ['x'], false)).toThrow('no site in sites')
  })
})

test('long lists are cut', () => {
  const names = Array.from({ length: 14 }, (_, i) => `n${i}`)
  expect(shortList(names)).toBe('n0, n1, n2, n3, n4, n5, n6, n7, n8, n9, n10, n11 … (14)')
})

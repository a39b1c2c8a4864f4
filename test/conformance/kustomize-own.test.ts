/**
 * Differences that fuzzing and real trees once showed, as small builds with what kustomize 5.8.2 prints for them or says
 * is wrong. `npm run fuzz -- kustomize --record FILE` writes new ones in this form.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { DecapodError } from '../../src/errors.ts'
import { buildKustomization } from '../../src/kustomize/build.ts'
import { formatResources } from '../../src/kustomize/output.ts'
import { memoryTree } from '../../src/tree.ts'

interface Case {
  readonly id: string
  readonly files: Readonly<Record<string, string>>
  readonly target?: string
  readonly output?: string
  readonly error?: string
}

const cases = JSON.parse(readFileSync(new URL('kustomize/cases.json', import.meta.url), 'utf8')) as Case[]

function answer({ files, target = '.' }: Case): { output: string } | { error: string } {
  try {
    return { output: formatResources(buildKustomization(memoryTree(files), `/${target}`).resources) }
  } catch (error) {
    if (error instanceof DecapodError) return { error: error.message.trim() }
    throw error
  }
}

describe('recorded builds', () => {
  test.each(cases.map(c => [c.id, c] as const))('%s', (_, c) => {
    expect(answer(c)).toEqual(c.output === undefined ? { error: c.error } : { output: c.output })
  })
})

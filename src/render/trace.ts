/**
 * What a computation asked of a FileTree, and whether the answers would still be the same. The files a kustomization
 * reads show only while it is built; so they are noted then, and asked for again before its result is taken from the
 * cache.
 */
import { hash } from 'node:crypto'
import type { FileTree } from '../tree.ts'

type Question = keyof FileTree

/** A question, the path it was about, and the digest of the answer. */
export type Read = readonly [question: Question, path: string, answer: string]

/** A tree that notes every question it is asked, once. */
export function traceTree(tree: FileTree): { readonly tree: FileTree; readonly reads: () => readonly Read[] } {
  const noted = new Map<string, Read>()
  const asked = <K extends Question>(question: K): FileTree[K] =>
    ((path: string) => {
      const given = tree[question](path)
      const key = `${question} ${path}`
      if (!noted.has(key)) noted.set(key, [question, path, digestOfAnswer(given)])
      return given
    }) as FileTree[K]
  return {
    tree: {
      read: asked('read'),
      kind: asked('kind'),
      list: asked('list'),
      realPath: asked('realPath'),
      isExecutable: asked('isExecutable'),
    },
    reads: () => [...noted.values()],
  }
}

/** Whether a tree still answers every question as it did. */
export function answersAlike(tree: FileTree, reads: readonly Read[]): boolean {
  return reads.every(([question, path, answer]) => digestOfAnswer(tree[question](path)) === answer)
}

type Answer = ReturnType<FileTree[Question]>

function digestOfAnswer(answer: Answer): string {
  if (answer === undefined) return ''
  if (answer instanceof Uint8Array) return hash('sha256', answer, 'base64url')
  const text = JSON.stringify(answer)
  return text.length <= 64 ? text : hash('sha256', text, 'base64url')
}

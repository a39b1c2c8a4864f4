/** The files of a chart that came as an archive. */
import { readTarGz } from '../tar.ts'
import { type FileTree, memoryTree } from '../tree.ts'

/** A chart in a directory of a tree. */
export interface ChartTree {
  readonly tree: FileTree
  readonly dir: string
}

/** A chart's archive, which holds one directory, as a tree. Throws as reading an archive does. */
export function chartTree(archive: Uint8Array, label: string): ChartTree {
  const files = readTarGz(archive, label)
  const dir = `/${files[0]?.name.split('/')[0] ?? ''}`
  return { tree: memoryTree(new Map(files.map(file => [`/${file.name}`, file.data] as const))), dir }
}

import type { Command } from 'commander'
import type { Cli, Run } from '../cli.ts'

/** A command's module, loaded only when it is called: start-up stays short. */
export interface CommandModule {
  /**
   * Declares arguments, options, examples (addHelpText) and the action on `command`. The action hands its work to
   * `run`, which main.ts executes, so that errors and exit codes are treated in one place. `words` is what stands behind
   * a command that reads its flags itself.
   */
  readonly define: (command: Command, cli: () => Cli, run: (work: Run) => void, words: readonly string[]) => void
}

export interface CommandEntry {
  readonly name: string
  readonly summary: string
  /** Whether it reads what stands behind its name itself: a drop-in whose flags are not read as commander reads them. */
  readonly ownFlags?: true
  readonly load: () => Promise<CommandModule>
}

/** Every command in the order `decapod --help` lists them: the main job first, the engines by themselves last. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'render',
    summary: 'render sites: Helm releases, Kustomizations and plain objects to plain YAML',
    load: () => import('./render.ts'),
  },
  {
    name: 'diff',
    summary: 'say by object and field what a render would change',
    load: () => import('./diff.ts'),
  },
  {
    name: 'commit',
    summary: 'render and commit to the manifests repository, one commit per site',
    load: () => import('./commit.ts'),
  },
  {
    name: 'explain',
    summary: 'say who set a value of a release, who lost, and what nothing reads',
    load: () => import('./explain.ts'),
  },
  {
    name: 'validate',
    summary: 'look at what a render gives: schemas, names, references, Secrets, API versions',
    load: () => import('./validate.ts'),
  },
  {
    name: 'fetch',
    summary: 'bring charts and remote bases into the cache, as pinned',
    load: () => import('./fetch.ts'),
  },
  {
    name: 'lock',
    summary: 'pin every source by the digest of its content',
    load: () => import('./lock.ts'),
  },
  {
    name: 'vendor',
    summary: 'write every source into the workspace',
    load: () => import('./vendor.ts'),
  },
  {
    name: 'outdated',
    summary: 'list newer charts within and beyond their constraints',
    load: () => import('./outdated.ts'),
  },
  {
    name: 'images',
    summary: 'list the images of sites, and pin them by digest',
    load: () => import('./images.ts'),
  },
  {
    name: 'bundle',
    summary: 'airgap: export, sign, verify, inspect, diff and import bundles',
    load: () => import('./bundle.ts'),
  },
  {
    name: 'cache',
    summary: 'the cache of fetched content: gc, info',
    load: () => import('./cache.ts'),
  },
  {
    name: 'workflow',
    summary: 'Argo Workflows and ApplicationSets: deploy, teardown, render, your own',
    load: () => import('./workflow.ts'),
  },
  {
    name: 'init',
    summary: 'make a small workspace that renders at once',
    load: () => import('./init.ts'),
  },
  {
    name: 'site',
    summary: 'make and delete sites: new, delete',
    load: () => import('./site.ts'),
  },
  {
    name: 'build',
    summary: 'build a kustomization: a drop-in for `kustomize build`',
    load: () => import('./build.ts'),
  },
  {
    name: 'template',
    summary: 'render a chart: a drop-in for `helm template`',
    ownFlags: true,
    load: () => import('./template.ts'),
  },
  {
    name: 'completion',
    summary: 'completion for bash, zsh and fish',
    load: () => import('./completion.ts'),
  },
]

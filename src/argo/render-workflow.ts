/**
 * Argo Workflows as the distributed engine: a WorkflowTemplate that renders the sites of a workspace in many pods and
 * commits the result once.
 */
import { DecapodError } from '../errors.ts'
import { objectName } from './names.ts'
import type { Artifact, Template, WorkflowTemplate } from './types.ts'

export interface RenderWorkflow {
  /** `render-and-commit` by default. */
  readonly name?: string | undefined
  readonly namespace?: string | undefined
  /** The image with decapod, git and a shell. */
  readonly image: string
  /** Where base and sites are. */
  readonly workspace: { readonly repoURL: string; readonly revision: string }
  /** Where rendered objects go; the sites are directories of `path`, by default of the root. */
  readonly manifests: { readonly repoURL: string; readonly revision: string; readonly path?: string | undefined }
  /** Pods that render at once; 8 by default. */
  readonly shards?: number | undefined
  /** A Secret with `username` and `password` for both repositories. */
  readonly gitSecret?: string | undefined
  readonly serviceAccount?: string | undefined
}

/**
 * The WorkflowTemplate. `plan` deals the sites out to shards; each `render` pod renders its sites over a checkout of
 * the manifests repository, so that a site that fails keeps its old output, and stores its trees in the artifact
 * repository; `commit` unpacks them all and pushes once, one commit per site. It runs even when sites failed, for those
 * that did render, and then fails at its end.
 */
export function renderAndCommitWorkflowTemplate(options: RenderWorkflow): WorkflowTemplate {
  const shards = options.shards ?? 8
  if (!Number.isInteger(shards) || shards < 1) {
    throw new DecapodError('WORKFLOW_INVALID', `a workflow renders in 1 or more shards, not ${shards}`)
  }
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'WorkflowTemplate',
    metadata: {
      name: objectName(options.name ?? 'render-and-commit', 'workflow template'),
      namespace: options.namespace ?? 'argo',
    },
    spec: {
      entrypoint: 'render-and-commit',
      serviceAccountName: options.serviceAccount ?? 'decapod',
      arguments: {
        parameters: [
          { name: 'sites', value: '--all', description: 'names of sites, separated by spaces, or --all' },
          { name: 'shards', value: String(shards), description: 'pods that render at once' },
          {
            name: 'revision',
            value: options.workspace.revision,
            description: 'branch, tag or commit of base and sites',
          },
          { name: 'branch', value: options.manifests.revision, description: 'branch of the manifests repository' },
        ],
      },
      // Two runs for one branch would only race each other.
      synchronization: { mutexes: [{ name: 'render-{{workflow.parameters.branch}}' }] },
      templates: [mainTemplate, planTemplate(options), renderTemplate(options), commitTemplate(options)],
    },
  }
}

const mainTemplate: Template = {
  name: 'render-and-commit',
  dag: {
    // A shard that fails must not keep the others from being committed.
    failFast: false,
    tasks: [
      { name: 'plan', template: 'plan' },
      {
        name: 'render',
        template: 'render',
        depends: 'plan.Succeeded',
        withParam: '{{tasks.plan.outputs.result}}',
        arguments: {
          parameters: [
            { name: 'index', value: '{{item.index}}' },
            { name: 'sites', value: '{{item.sites}}' },
          ],
        },
      },
      // A pod that fails still stores its artifact; commit itself fails at its end when one did.
      { name: 'commit', template: 'commit', depends: 'render.Succeeded || render.Failed' },
    ],
  },
}

/** Prints `[{"index":0,"sites":"a b"},…]`: what the render tasks are made from. */
function planTemplate(options: RenderWorkflow): Template {
  return {
    name: 'plan',
    inputs: { artifacts: [workspaceArtifact(options)] },
    script: {
      ...container(options),
      workingDir: '/workdir/workspace',
      env: [
        { name: 'SITES', value: '{{workflow.parameters.sites}}' },
        { name: 'SHARDS', value: '{{workflow.parameters.shards}}' },
      ],
      // Parameters arrive as environment, never as script text; $SITES is split on purpose.
      source: 'set -eu\ndecapod workflow shards --shards "$SHARDS" $SITES\n',
    },
  }
}

function renderTemplate(options: RenderWorkflow): Template {
  const { path = '.' } = options.manifests
  const out = path === '.' ? '/workdir/manifests' : `/workdir/manifests/${path}`
  return {
    name: 'render',
    inputs: {
      parameters: [{ name: 'index' }, { name: 'sites' }],
      artifacts: [
        workspaceArtifact(options),
        {
          name: 'manifests',
          path: '/workdir/manifests',
          git: {
            ...repository(options, options.manifests.repoURL),
            revision: '{{workflow.parameters.branch}}',
            depth: 1,
          },
        },
      ],
    },
    outputs: {
      artifacts: [
        {
          name: 'shard',
          path: '/workdir/shard.tar',
          archive: { none: {} },
          s3: { key: '{{workflow.name}}/shards/{{inputs.parameters.index}}.tar' },
        },
      ],
    },
    retryStrategy: { limit: '2', retryPolicy: 'OnError' },
    script: {
      ...container(options),
      workingDir: '/workdir/workspace',
      env: [
        { name: 'INDEX', value: '{{inputs.parameters.index}}' },
        { name: 'SITES', value: '{{inputs.parameters.sites}}' },
      ],
      source: `set -eu
failed=0
mkdir -p ${out}
decapod render $SITES --out ${out} || failed=$?
cd ${out}
# What rendered is new, what failed is as it was; both are whole.
set --
for site in $SITES; do
  if [ -d "$site" ]; then set -- "$@" "$site"; fi
done
if [ "$failed" != 0 ]; then
  : > ".failed-$INDEX"
  set -- "$@" ".failed-$INDEX"
fi
tar -cf /workdir/shard.tar "$@"
exit "$failed"
`,
    },
  }
}

function commitTemplate(options: RenderWorkflow): Template {
  const secret = options.gitSecret
  return {
    name: 'commit',
    inputs: {
      artifacts: [
        workspaceArtifact(options),
        { name: 'shards', path: '/workdir/shards', s3: { key: '{{workflow.name}}/shards' } },
      ],
    },
    script: {
      ...container(options),
      workingDir: '/workdir/workspace',
      env: [
        { name: 'REPOSITORY', value: options.manifests.repoURL },
        { name: 'BRANCH', value: '{{workflow.parameters.branch}}' },
        ...(secret === undefined
          ? []
          : [
              { name: 'GIT_USERNAME', valueFrom: { secretKeyRef: { name: secret, key: 'username' } } },
              { name: 'GIT_PASSWORD', valueFrom: { secretKeyRef: { name: secret, key: 'password' } } },
            ]),
      ],
      source: `set -eu
mkdir /workdir/rendered
for shard in /workdir/shards/*.tar; do
  tar -xf "$shard" -C /workdir/rendered
done
set --
for site in /workdir/rendered/*/; do
  set -- "$@" "$(basename "$site")"
done
${secret === undefined ? '' : askPass}decapod commit "$@" --rendered --out /workdir/rendered --repo "$REPOSITORY" --branch "$BRANCH"
for mark in /workdir/rendered/.failed-*; do
  if [ -e "$mark" ]; then
    echo "shard $mark has sites that failed; the others are committed" >&2
    exit 1
  fi
done
`,
    },
  }
}

/** git asks this program; so the password is in no argument, no URL and no file. */
const askPass = `printf '#!/bin/sh\\ncase "$1" in Username*) echo "$GIT_USERNAME" ;; *) echo "$GIT_PASSWORD" ;; esac\\n' > /workdir/askpass
chmod 700 /workdir/askpass
export GIT_ASKPASS=/workdir/askpass
`

function container(options: RenderWorkflow): { readonly image: string; readonly command: readonly string[] } {
  return { image: options.image, command: ['sh'] }
}

function workspaceArtifact(options: RenderWorkflow): Artifact {
  return {
    name: 'workspace',
    path: '/workdir/workspace',
    git: { ...repository(options, options.workspace.repoURL), revision: '{{workflow.parameters.revision}}' },
  }
}

function repository(options: RenderWorkflow, repo: string): NonNullable<Artifact['git']> {
  const name = options.gitSecret
  return name === undefined
    ? { repo }
    : { repo, usernameSecret: { name, key: 'username' }, passwordSecret: { name, key: 'password' } }
}

/** A site's share of the work. */
export interface Shard {
  readonly index: number
  readonly sites: readonly string[]
}

/**
 * Deals sites out to at most `count` shards of nearly equal size, always the same way: site after site, like cards, so
 * that neighbours in the alphabet, which tend to be alike in size, do not end up in one shard.
 */
export function dealSites(sites: readonly string[], count: number): readonly Shard[] {
  const shards = Array.from({ length: Math.min(count, sites.length) }, (_, index) => ({ index, sites: [] as string[] }))
  sites.forEach((site, i) => {
    shards[i % shards.length]!.sites.push(site)
  })
  return shards
}

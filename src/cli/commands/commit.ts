import { type Command, InvalidArgumentError, Option } from 'commander'
import { parseBudget } from '../../render/deletions.ts'
import type { Cli, ExitCode, Run } from '../cli.ts'
import type { CommitFlags } from '../commit/flags.ts'
import { forgeKinds } from '../forge-kinds.ts'
import { parseKubeVersionOption, placeholdersOption, workspaceOptions } from '../open-workspace.ts'

/** Declares `decapod commit`; its work is loaded when it is called. */
export function define(command: Command, cli: () => Cli, run: (work: Run) => void): void {
  workspaceOptions(command.argument('[site...]', 'names of sites'))
    .option('--all', 'every site')
    .option('--repo <url>', 'the manifests repository (default: delivery.repoURL)')
    .option('--branch <name>', 'its branch; made where there is none (default: delivery.revision)')
    .option('--path <dir>', 'sites go to DIR/<site> (default: delivery.path)')
    .option('--pr', 'push a branch per site instead, and open or update a request to merge it')
    .addOption(new Option('--forge <kind>', 'with --pr: what the host runs (default: by its name)').choices(forgeKinds))
    .option('--forge-url <url>', "with --pr: where its interface is (default: the repository's host)", parseForgeUrl)
    .option('--dry-run', 'say what would be committed, push nothing')
    .option('-m, --message <text>', 'the message, before the trailers (default: Render SITE)')
    .option('--author <name>', 'NAME <EMAIL> of author and committer (default: as git has it)', parseAuthor)
    .option('--allow-deletions <n>', 'how many objects of a site may go: 12, 30% or all', parseBudgetOption)
    .option('--allow-deletion-of <kinds>', 'protected kinds that may go: Namespace,StatefulSet', parseKinds)
    .option('--rendered', 'commit what lies in the rendered directory, without rendering')
    .option('--kube-version <version>', 'Kubernetes version to render for', parseKubeVersionOption)
    .addOption(placeholdersOption())
    .addHelpText(
      'after',
      `
Renders, and makes one commit per site on the branch; all are pushed at once. A
site that fails or deletes too much is left as it was, the others are committed.
Nothing beside the sites' own directories is touched, a site without changes
gets no commit, and a push that others were faster than is tried again. Trailers
say what was rendered: Decapod-Base, -Site, -Lock and -Engine.

One commit may delete a fifth of a site's objects (delivery.deletions.budget),
and none of a kind that takes data or more with it: Namespace, StatefulSet,
CustomResourceDefinition, PersistentVolumeClaim and others
(delivery.deletions.protected).

With --pr each site's commit goes to the branch decapod/BRANCH/SITE, and one
pull or merge request carries it: GitHub, GitLab or Gitea, with the token in
GITHUB_TOKEN, GITLAB_TOKEN or GITEA_TOKEN. Its text is what decapod diff prints
as Markdown; the next run updates it.

Examples:
  decapod commit site-x --repo git@git.example.com:platform/manifests.git
  decapod commit --all --dry-run
  decapod commit site-x --branch preview -m 'Grafana 11'
  decapod commit --all --pr
  decapod commit site-x --allow-deletions 30 --allow-deletion-of StatefulSet

Credentials are git's own: credential helpers, GIT_ASKPASS, ssh keys.

Exit codes: 0 committed or nothing to commit, 1 a site failed or was refused,
2 usage.`,
    )
    .action((sites: string[], options: CommitFlags) =>
      run(async (): Promise<ExitCode> => (await import('../commit/run.ts')).runCommit(cli(), sites, options)),
    )
}

function parseAuthor(text: string): { name: string; email: string } {
  const match = /^\s*([^<>\n]*[^<>\s])\s*<([^<>\s]+)>\s*$/.exec(text)
  if (match === null) throw new InvalidArgumentError("An author is 'NAME <EMAIL>'.")
  return { name: match[1]!, email: match[2]! }
}

function parseForgeUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new InvalidArgumentError('A URL with http or https.')
  }
  return text
}

function parseBudgetOption(text: string): string {
  if (parseBudget(text) === undefined) throw new InvalidArgumentError('A number, a percentage or all.')
  return text
}

function parseKinds(text: string): string[] {
  return text.split(',').map(kind => kind.trim())
}

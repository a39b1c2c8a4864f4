/** The commands and options of decapod as data, read off the commander tree: what completion scripts are made from. */
import type { Command } from 'commander'
import { argumentKind } from './argument-kind.ts'

export interface CompletionCommand {
  readonly name: string
  readonly summary: string
  readonly options: readonly CompletionOption[]
  readonly commands: readonly CompletionCommand[]
  /** What its arguments are. */
  readonly takes: Takes
}

export interface CompletionOption {
  /** `--out`, and `-o` where it has a short form. */
  readonly flags: readonly string[]
  readonly summary: string
  /** What its value is; undefined for an option without one. */
  readonly value: Value | undefined
}

export type Value =
  | { readonly kind: 'path' }
  /** The name of a site. */
  | { readonly kind: 'site' }
  | { readonly kind: 'text' }
  | { readonly kind: 'choice'; readonly choices: readonly string[] }

export interface Takes {
  /** What the workspace knows: sites, groups, apps. */
  readonly workspace: boolean
  readonly paths: boolean
  /** Words that may stand there. */
  readonly words: readonly string[]
}

/** Reads a command with its options and subcommands. */
export function completionTree(command: Command): CompletionCommand {
  const help = command.createHelp()
  const takes: { workspace: boolean; paths: boolean; words: string[] } = { workspace: false, paths: false, words: [] }
  for (const argument of command.registeredArguments) {
    const name = argument.name()
    if (argumentKind(name) !== undefined) takes.workspace = true
    else if (/^(dir|file|args|a|b)$/.test(name)) takes.paths = true
    takes.words.push(...(argument.argChoices ?? []))
  }
  return {
    name: command.name(),
    summary: firstSentence(command.description()),
    options: help.visibleOptions(command).map(option => ({
      flags: [option.long, option.short].filter(flag => flag !== undefined && flag !== null),
      summary: firstSentence(option.description),
      value: optionValue(option.flags, option.argChoices),
    })),
    commands: help
      .visibleCommands(command)
      .filter(sub => sub.name() !== 'help')
      .map(completionTree),
    takes,
  }
}

function optionValue(flags: string, choices: readonly string[] | undefined): Value | undefined {
  const placeholder = /[<[]([^>\]]+)[>\]]/.exec(flags)?.[1]
  if (placeholder === undefined) return undefined
  if (choices !== undefined) return { kind: 'choice', choices }
  if (placeholder === 'site') return { kind: 'site' }
  return { kind: /dir|file|path/i.test(placeholder) ? 'path' : 'text' }
}

/** Up to the first full stop or opening bracket: what fits beside a candidate. */
function firstSentence(text: string): string {
  return text
    .split('\n')[0]!
    .replace(/\s*\(.*$/, '')
    .replace(/\.$/, '')
}

/** `decapod bundle`: what an airgapped site gets, in one file that can be verified. docs/airgap.md tells the journey. */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { diffBundles } from '../../bundle/manifest.ts'
import * as minisign from '../../bundle/minisign.ts'
import { DecapodError } from '../../errors.ts'
import { openBlobs } from '../../io/bundle-blobs.ts'
import { readBundle } from '../../io/bundle-file.ts'
import { describe, formatInspect, summaryOf } from '../bundle/describe.ts'
import type { ExportFlags } from '../bundle/export.ts'
import type { ImportFlags } from '../bundle/import.ts'
import { keygen } from '../bundle/keygen.ts'
import { readText, verifyBundle } from '../bundle/verify.ts'
import type { Cli, ExitCode, Run } from '../cli.ts'
import { Transfer } from '../reporters/transfer.ts'

type Give = (work: Run) => void

/** Declares the subcommands; the work of `export` and `import` is loaded when it is called. */
export function define(command: Command, cli: () => Cli, run: Give): void {
  command.usage('<subcommand> [options]').addHelpText(
    'after',
    `
Examples:
  decapod bundle export site-z --out site-z.bundle
  decapod bundle verify site-z.bundle         reads every byte
  decapod bundle COMMAND --help               options and examples of each`,
  )
  defineExport(command, cli, run)
  defineImport(command, cli, run)
  defineExtract(command, cli, run)
  defineVerify(command, cli, run)
  defineInspect(command, cli, run)
  defineDiff(command, cli, run)
  defineKeygen(command, cli, run)
  defineSign(command, cli, run)
}

function sub(command: Command, name: string, summary: string, examples: readonly string[]): Command {
  const made = command.command(name).description(summary).exitOverride()
  made.copyInheritedSettings(command)
  return made.addHelpText('after', `\nExamples:\n${examples.map(e => `  decapod bundle ${e}`).join('\n')}\n`)
}

function defineExport(command: Command, cli: () => Cli, run: Give): void {
  const many = (value: string, before: readonly string[] = []): string[] => [...before, ...value.split(',')]
  sub(command, 'export', 'write everything sites need into one file', [
    'export site-z --out site-z.bundle',
    'export site-z --out mon.bundle --since fri.bundle',
    'export --all --out sites.bundle --split 4GiB',
  ])
    .argument('[site...]', 'whole sites')
    .requiredOption('--out <file>', 'the bundle; its parts are FILE.001, FILE.002, … with --split')
    .option('--all', 'every site')
    .option('--since <bundle>', 'leave out what this earlier bundle (or its first part) holds')
    .option('--split <size>', 'parts of at most this size: 650MiB, 4GiB')
    .option('--platform <os/arch>', 'images for this platform only; may be given several times', many)
    .option('--from <origin=place>', 'fetch from another place than the origin; may be given several times', many)
    .option('--plain-http <host>', 'speak http to this registry; may be given several times', many)
    .option('--no-images', 'leave the images out')
    .option('--frozen', 'fail where decapod.lock would change')
    .option('--base <dir>', 'the base repository (default: base, or decapod.yaml)')
    .option('--sites <dir>', 'the site repository (default: sites, or decapod.yaml)')
    .option('--charts <dir>', 'charts on disk: charts.json, <chart>-<version>/ or .tgz')
    .option('--rendered <dir>', 'where rendered sites are (default: rendered, or decapod.yaml)')
    .action((sites: string[], options: ExportFlags) => {
      run(async (): Promise<ExitCode> => (await import('../bundle/export.ts')).runExport(sites, options, cli()))
    })
}

function defineImport(command: Command, cli: () => Cli, run: Give): void {
  sub(command, 'import', 'push a bundle to a registry and a git server', [
    'import site-z.bundle --registry registry.local:5000/mirror \\\n      --git https://git.local/team/manifests.git',
    'import site-z.bundle --charts /srv/charts --key decapod.pub',
  ])
    .argument('<file>', 'the bundle, or its first part')
    .option('--registry <host[/path]>', 'push images below this')
    .option('--git <url>', 'push branches to this repository')
    .option('--charts <dir>', 'write chart archives to this directory')
    .option('--key <file>', 'the public key the bundle must be signed with')
    .option('--force', 'replace tags, branches and archives that have other content')
    .option('--plain-http', 'speak http to the registry')
    .action((file: string, options: ImportFlags) => {
      run(async (): Promise<ExitCode> => (await import('../bundle/import.ts')).runImport(file, options, cli()))
    })
}

function defineExtract(command: Command, cli: () => Cli, run: Give): void {
  sub(command, 'extract', 'print one content of a bundle, or write it to a file', [
    'extract site-z.bundle sbom.cdx.json',
    'extract site-z.bundle argocd/site-z.yaml | kubectl apply -f -',
  ])
    .argument('<file>', 'the bundle, or its first part')
    .argument('<name>', 'as decapod bundle inspect lists it')
    .option('--out <file>', 'write it there')
    .action((file: string, name: string, options: { out?: string }) => {
      run(async (): Promise<ExitCode> => {
        const world = cli()
        const path = resolve(world.cwd, file)
        const { manifest } = await readBundle(path, { manifestOnly: true })
        const content = manifest.contents.find(c => c.name === name && c.type !== 'image')
        if (content === undefined)
          throw new DecapodError('FILE_NOT_FOUND', `${file} holds no "${name}"`, {
            hint: `decapod bundle inspect ${file} lists what it holds; skopeo copies images out of it`,
          })
        const bytes = await (await openBlobs(path, manifest)).bytes(content.digest)
        if (options.out === undefined) world.stdout(bytes)
        else writeFileSync(resolve(world.cwd, options.out), bytes)
        return 0
      })
    })
}

function defineVerify(command: Command, cli: () => Cli, run: Give): void {
  sub(command, 'verify', 'check every byte of a bundle, and its signature', [
    'verify site-z.bundle',
    'verify site-z.bundle --key decapod.pub',
  ])
    .argument('<file>', 'the bundle, or its first part')
    .option('--key <file>', 'the public key it must be signed with')
    .action((file: string, options: { key?: string }) => {
      run(async (): Promise<ExitCode> => {
        const world = cli()
        const { manifest } = await verifyBundle(file, options.key, world)
        if (world.global.json)
          world.stdout(
            JSON.stringify({ valid: true, signed: options.key !== undefined, ...summaryOf(manifest) }) + '\n',
          )
        else
          world.stdout(
            `${file} is whole${options.key === undefined ? '' : ' and signed with the given key'}: ${describe(manifest)}\n`,
          )
        return 0
      })
    })
}

function defineInspect(command: Command, cli: () => Cli, run: Give): void {
  sub(command, 'inspect', 'list what a bundle holds', ['inspect site-z.bundle', 'inspect site-z.bundle --json'])
    .argument('<file>', 'the bundle, or its first part')
    .action((file: string) => {
      run(async (): Promise<ExitCode> => {
        const world = cli()
        const { manifest, manifestDigest } = await readBundle(resolve(world.cwd, file), { manifestOnly: true })
        world.stdout(
          world.global.json
            ? JSON.stringify({ manifestDigest, ...manifest }) + '\n'
            : formatInspect(manifest, manifestDigest),
        )
        return 0
      })
    })
}

function defineDiff(command: Command, cli: () => Cli, run: Give): void {
  sub(command, 'diff', 'say in what two bundles differ', ['diff old.bundle new.bundle'])
    .argument('<a>')
    .argument('<b>')
    .action((a: string, b: string) => {
      run(async (): Promise<ExitCode> => {
        const world = cli()
        const [before, after] = await Promise.all(
          [a, b].map(file => readBundle(resolve(world.cwd, file), { manifestOnly: true })),
        )
        const differences = diffBundles(before!.manifest, after!.manifest)
        if (world.global.json) world.stdout(JSON.stringify({ differences }) + '\n')
        else if (differences.length === 0) world.stdout('the bundles hold the same\n')
        else {
          const mark = { added: '+', removed: '-', changed: '~' }
          for (const d of differences)
            world.stdout(
              `${mark[d.change]} ${d.type.padEnd(7)} ${d.name}${d.before !== undefined && d.after !== undefined ? `  ${short(d.before)} → ${short(d.after)}` : ''}\n`,
            )
        }
        return 0
      })
    })
}

function defineKeygen(command: Command, cli: () => Cli, run: Give): void {
  sub(command, 'keygen', 'make a key pair for signing bundles (minisign format)', [
    'keygen --out decapod',
    'DECAPOD_KEY_PASSWORD=… decapod bundle keygen --out decapod',
  ])
    .option('--out <name>', 'NAME.key (secret) and NAME.pub are written', 'decapod')
    .action((options: { out: string }) => {
      run(() => keygen(resolve(cli().cwd, options.out), cli()))
    })
}

function defineSign(command: Command, cli: () => Cli, run: Give): void {
  sub(command, 'sign', 'sign a bundle; the signature is written beside it', ['sign site-z.bundle --key decapod.key'])
    .argument('<file>', 'the bundle, or its first part')
    .requiredOption('--key <file>', 'the secret key')
    .option('--comment <text>', 'a comment that is signed too')
    .action((file: string, options: { key: string; comment?: string }) => {
      run(async (): Promise<ExitCode> => {
        const world = cli()
        const path = resolve(world.cwd, file)
        const secret = minisign.parseSecretKey(
          readText(resolve(world.cwd, options.key)),
          options.key,
          world.env['DECAPOD_KEY_PASSWORD'] ?? '',
        )
        const transfer = new Transfer(world, 'reading')
        const { fileDigest, manifestDigest, manifest } = await readBundle(path, {
          onBytes: bytes => transfer.add(bytes),
          whole: true,
        })
        transfer.done()
        const comment = options.comment ?? `decapod bundle of ${manifest.sites.join(', ')} ${manifestDigest}`
        if (/[\r\n]/.test(comment)) throw new DecapodError('USAGE', 'a comment has one line')
        const signature = `${path.replace(/\.\d{3}$/, '')}.minisig`
        writeFileSync(signature, minisign.formatSignature(minisign.signDigest(secret, fileDigest, comment)))
        world.stdout(`${signature}\n`)
        return 0
      })
    })
}

function short(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 12)
}

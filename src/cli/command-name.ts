/** Global options that take the next word as their value. */
const valued: readonly (string | undefined)[] = ['--cwd', '--color', '--jobs']

/** The first argument that is neither an option nor the value of a global one. */
export function commandName(args: readonly string[]): string | undefined {
  return args.find((arg, i) => !arg.startsWith('-') && !valued.includes(args[i - 1]))
}

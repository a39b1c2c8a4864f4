/**
 * Most patterns of selectors and image names are names with a dot or `.*` in them. Those mean the same to JavaScript's
 * regular expressions as to Go's, and need no engine of RE2's to be loaded.
 */

/** Letters, digits and what stands in names, with `.*` twice at most, so that no text takes long. */
const simple = /^[\w./:|-]*(?:\.\*[\w./:|-]*){0,2}$/

/** The test for `before + pattern + after`, of which the pattern is the user's; undefined where it takes RE2. */
export function simplePattern(before: string, pattern: string, after: string): RegExp | undefined {
  if (!simple.test(pattern)) return undefined
  // Go's dot stands for line separators, too.
  return new RegExp(before + pattern.replaceAll('.', '[^\\n]') + after, 'u')
}

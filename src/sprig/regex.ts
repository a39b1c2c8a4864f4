/** Sprig's regular expressions (regex.go). A bad pattern makes regexMatch false and lets the others panic. */
import { compileRegexp, mustCompileRegexp, quoteMeta } from '../go/regexp.ts'
import { fn, GoError, type GoFunc } from '../go/value.ts'

/** The functions of this chapter by name. */
export const regex: Readonly<Record<string, GoFunc>> = {
  regexMatch: fn('(string, string) bool', (expr: string, s: string) => {
    try {
      return compileRegexp(expr).matches(s)
    } catch (error) {
      if (error instanceof GoError) return false
      throw error
    }
  }),
  mustRegexMatch: fn('(string, string) (bool, error)', (expr: string, s: string) => compileRegexp(expr).matches(s)),
  regexFind: fn('(string, string) string', (expr: string, s: string) => mustCompileRegexp(expr).find(s)),
  mustRegexFind: fn('(string, string) (string, error)', (expr: string, s: string) => compileRegexp(expr).find(s)),
  regexFindAll: fn('(string, string, int) []string', (expr: string, s: string, n: bigint) =>
    mustCompileRegexp(expr).findAll(s, Number(n)),
  ),
  mustRegexFindAll: fn('(string, string, int) ([]string, error)', (expr: string, s: string, n: bigint) =>
    compileRegexp(expr).findAll(s, Number(n)),
  ),
  regexReplaceAll: fn('(string, string, string) string', (expr: string, s: string, by: string) =>
    mustCompileRegexp(expr).replaceAll(s, by),
  ),
  mustRegexReplaceAll: fn('(string, string, string) (string, error)', (expr: string, s: string, by: string) =>
    compileRegexp(expr).replaceAll(s, by),
  ),
  regexReplaceAllLiteral: fn('(string, string, string) string', (expr: string, s: string, by: string) =>
    mustCompileRegexp(expr).replaceAllLiteral(s, by),
  ),
  mustRegexReplaceAllLiteral: fn('(string, string, string) (string, error)', (expr: string, s: string, by: string) =>
    compileRegexp(expr).replaceAllLiteral(s, by),
  ),
  regexSplit: fn('(string, string, int) []string', (expr: string, s: string, n: bigint) =>
    mustCompileRegexp(expr).split(s, Number(n)),
  ),
  mustRegexSplit: fn('(string, string, int) ([]string, error)', (expr: string, s: string, n: bigint) =>
    compileRegexp(expr).split(s, Number(n)),
  ),
  regexQuoteMeta: fn('(string) string', quoteMeta),
}

import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { ClosingLine } from './test/support/closing-line.ts'

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Two cores: forks keep a hostile input (a regex, a loop) from taking the other files down with it.
    pool: 'forks',
    testTimeout: 30_000,
    reporters: ['default', new ClosingLine()],
  },
})

export default config

import { defineConfig, type ViteUserConfig } from 'vitest/config'

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Two cores: forks keep a hostile input (a regex, a loop) from taking the other files down with it.
    pool: 'forks',
    testTimeout: 30_000,
  },
})

export default config

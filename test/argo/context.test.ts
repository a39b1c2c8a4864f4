import { describe, expect, test } from 'vitest'
import { workflowContext } from '../../src/argo/context.ts'
import type { Delivery } from '../../src/argo/model.ts'
import { renderText } from '../../src/handlebars.ts'
import { platform } from './deliveries.ts'

describe('the context of the user’s own templates', () => {
  const render = (template: string, of: Delivery = platform): string =>
    renderText('workflows/own.yaml.hbs', template, workflowContext(of))

  test('the same order, tasks and names as in the generated ones', () => {
    const template = '{{#each apps}}{{task}}:{{#each dependsOn}} {{this}}{{/each}}\n{{/each}}'
    expect(render(template)).toBe(
      'lma-crd:\nprometheus-operator: lma-crd\nprometheus: prometheus-operator\ngrafana: prometheus\n' +
        'shop: grafana\n',
    )
  })

  test('Argo’s own braces are written with a backslash', () => {
    expect(render('{{site}} \\{{workflow.name}}')).toBe('site-x {{workflow.name}}')
  })

  test('every field can be named, also where the model has none', () => {
    const template = '{{prefix}}|{{adminCluster}}|{{manifests.path}}|{{#each groups}}{{name}}={{project}} {{/each}}'
    expect(render(template)).toBe('|in-cluster|site-x|lma=lma apps=apps ')
    expect(render('{{#each apps}}{{#if isCrds}}{{application}} in {{cluster}}{{/if}}{{/each}}')).toBe(
      'lma-crd in site-x',
    )
  })

  test('an unknown name is an error with its line', () => {
    expect(() => render('a: 1\nb: {{sitee}}')).toThrow(/"sitee" is not defined/)
  })
})

import { describe, expect, test } from 'vitest'
import type { DecapodError } from '../src/errors.ts'
import { renderText } from '../src/handlebars.ts'

const context = {
  site: 'site-x',
  labels: { ring: 'test' },
  apps: [
    { name: 'a', dependsOn: [] },
    { name: 'b', dependsOn: ['a'] },
  ],
}

const partials = new Map([
  ['app', { file: 'workflows/partials/app.hbs', text: 'app {{name}}' }],
  ['bad', { file: 'workflows/partials/bad.hbs', text: '\n  {{nmae}}' }],
])

function fill(template: string): string {
  return renderText('own.hbs', template, context, partials)
}

/** `line:column message`, as far as they are known. */
function failure(template: string): string {
  try {
    return `no error: ${fill(template)}`
  } catch (error) {
    const { code, message, at, hint } = error as DecapodError
    expect(code).toBe('WORKFLOW_INVALID')
    return `${at?.file}:${at?.line}:${at?.column ?? ''} ${message}${hint === undefined ? '' : ` (${hint})`}`
  }
}

test.each<[name: string, template: string, want: string]>([
  ['a field, unescaped', '{{site}} <{{labels.ring}}>', 'site-x <test>'],
  ['a loop', '{{#each apps}}{{name}}{{#unless @last}}, {{/unless}}{{/each}}', 'a, b'],
  ['the outer context', '{{#each apps}}{{../site}}/{{name}} {{/each}}', 'site-x/a site-x/b '],
  ['a label that a site may lack', '{{#if (lookup labels "logging")}}x{{else}}none{{/if}}', 'none'],
  ['eq', '{{#each apps}}{{#if (eq name "b")}}{{name}}{{/if}}{{/each}}', 'b'],
  ['json', '{{#each apps}}{{json dependsOn}}{{/each}} {{json labels}}', '[]["a"] {"ring":"test"}'],
  ['a partial', '{{#each apps}}{{> app}};{{/each}}', 'app a;app b;'],
  [
    'a partial of the template\u2019s own',
    '{{#*inline "p"}}[{{name}}]{{/inline}}{{#each apps}}{{> p}}{{/each}}',
    '[a][b]',
  ],
  ['a partial with what stands in for it', '{{#> app name="c"}}none{{/app}}', 'app c'],
  ['braces of Argo\u2019s', '\\{{workflow.name}}', '{{workflow.name}}'],
])('%s', (_, template, want) => expect(fill(template)).toBe(want))

test.each<[name: string, template: string, want: string]>([
  ['a slip', 'a: 1\nb: {{sitee}}', 'own.hbs:2:6 "sitee" is not defined (did you mean "site"?)'],
  ['a slip in a loop', '{{#each apps}}\n{{nam}}\n{{/each}}', 'own.hbs:2:3 "nam" is not defined (did you mean "name"?)'],
  ['a label the site lacks', 'x: {{labels.logging}}', 'own.hbs:1:6 "logging" is not defined (names here: ring)'],
  ['a field of a text', '\n{{site.name}}', 'own.hbs:2:3 "name" is not defined: what stands before it is no map'],
  ['too far out', '{{../site}}', 'own.hbs:1:3 "site" is not defined: what stands before it is no map'],
  [
    'a slip in a partial',
    '{{#each apps}}{{> bad}}{{/each}}',
    'workflows/partials/bad.hbs:2:5 "nmae" is not defined (did you mean "name"?)',
  ],
  ['an unknown helper', '{{upper site}}', 'own.hbs:1:3 "upper" is not defined (names here: site, labels, apps)'],
  [
    'an unknown block',
    '\n{{#foreach apps}}x{{/foreach}}',
    'own.hbs:2:4 "foreach" is not defined (names here: site, labels, apps)',
  ],
  ['an unknown partial', '\n  {{> ap}}', 'own.hbs:2:3 there is no partial "ap" (did you mean "app"?)'],
  [
    'a block that does not end',
    'a\n{{#each apps}}x',
    'own.hbs:2: the template ends within a block or an expression (each {{#\u2026}} needs its {{/\u2026}})',
  ],
  ['a block that ends as another', 'a\n{{#each apps}}x{{/if}}', "own.hbs:2:4 each doesn't match if"],
  ['a brace too few', 'a\n{{{site}}', 'own.hbs:2: the template cannot be read near "a{{{site}}"'],
  ['a helper without its argument', '\n{{#if}}x{{/if}}', 'own.hbs:2:1 "if" takes one argument'],
  ['a helper with one too many', '{{#each apps labels}}x{{/each}}', 'own.hbs:1:1 "each" takes one argument'],
  // It would write between the lines of what is printed.
  ['log', '{{log "x"}}', 'own.hbs:1:1 there is no helper "log"'],
])('what goes wrong has its place: %s', (_, template, want) => expect(failure(template)).toBe(want))

describe('nothing of JavaScript can be named', () => {
  test.each(['constructor', 'valueOf', '__proto__', '__defineGetter__', 'hasOwnProperty'])('%s', name => {
    expect(failure(`{{${name}}}`)).toContain(`"${name}" is not defined`)
    expect(failure(`{{labels.${name}}}`)).toContain(`"${name}" is not defined`)
    expect(fill(`{{lookup labels "${name}"}}`)).toBe('')
  })

  test.each(['{{helperMissing}}', '{{blockHelperMissing}}', '{{#helperMissing}}{{/helperMissing}}'])('%s', template => {
    expect(failure(template)).toContain('there is no helper')
  })

  test('data that is named so is data', () => {
    const odd = JSON.parse('{"labels": {"__proto__": "p", "constructor": "c"}}') as object
    expect(renderText('x', '{{labels.__proto__}}{{labels.constructor}}{{json labels}}', odd)).toBe(
      'pc{"__proto__":"p","constructor":"c"}',
    )
  })
})

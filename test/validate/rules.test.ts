import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { objectId } from '../../src/render/output.ts'
import { ruleNames } from '../../src/site/config.ts'
import { SiteObjects } from '../../src/validate/objects.ts'
import { isExempt, type PolicySettings } from '../../src/validate/policy.ts'
import { rules } from '../../src/validate/rules/index.ts'
import { validateSite } from '../../src/validate/validate.ts'
import { parseDocuments } from '../../src/yaml/parse.ts'

const everything: PolicySettings = { rules: Object.fromEntries(rules.map(({ name }) => [name, 'warning'])), exempt: [] }

/** Objects of one app in the namespace `ns`; a document may begin with `# app: NAME` or `# admin` to go elsewhere. */
function objectsOf(text: string, kubeMinor: number): SiteObjects {
  const rendered = text.split(/^---\n/m).flatMap((document, i) => {
    const node = parseDocuments(document, { file: `doc${i}.yaml` })[0]?.root
    if (node?.kind !== 'map') return []
    const { apiVersion, kind, name } = objectId(node)
    const app = /^# app: (\w+)/m.exec(document)?.[1] ?? 'a'
    const target = /^# admin/m.test(document) ? ('admin' as const) : ('workload' as const)
    const file = `g/${app}/${kind}_${name}.yaml`
    const where = { group: 'g', app, appNamespace: 'ns', target, file, origin: file, originAt: undefined }
    return [{ ...where, apiVersion, kind, name, node }]
  })
  return new SiteObjects(rendered, kubeMinor)
}

/** What one rule finds: `path: message (hint)`. */
function found(rule: string, text: string, kubeMinor = 33): string[] {
  const { findings } = validateSite('s', objectsOf(text, kubeMinor), everything)
  return findings
    .filter(finding => finding.rule === rule)
    .map(({ path, message, hint }) => `${path}: ${message}${hint === undefined ? '' : ` (${hint})`}`)
}

const deployment = (pod: string, more = ''): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: c
        image: example.com/c:1
${pod.replace(/^(?=.)/gm, '        ')}
${more}`

const crd = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Cluster
  names: {kind: Widget, plural: widgets}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        required: [spec]
        properties:
          spec:
            type: object
            required: [size, color, mode]
            properties:
              size: {type: integer, minimum: 1, maximum: 9}
              color: {type: string, enum: [red, green]}
              mode: {type: string, default: fast}
              name: {type: string, pattern: '^[a-z]+$', maxLength: 5}
              port: {x-kubernetes-int-or-string: true}
              tags: {type: array, maxItems: 2, items: {type: string}}
              labels: {type: object, additionalProperties: {type: string}}
              free: {type: object, x-kubernetes-preserve-unknown-fields: true}
              empty: {type: string, nullable: true}
              source:
                type: object
                properties: {git: {type: string}, oci: {type: string}}
                oneOf: [{required: [git]}, {required: [oci]}]
  - {name: v1beta1, served: true, storage: false, deprecated: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
  - {name: v1alpha1, served: false, storage: false, schema: {openAPIV3Schema: {type: object}}}
`
const widget = (spec: string, version = 'v1'): string =>
  `${crd}---\napiVersion: example.com/${version}\nkind: Widget\nmetadata: {name: w}\nspec: {${spec}}\n`

test.each<[name: string, rule: string, text: string, want: string[]]>([
  // schema
  [
    'text for a number',
    'schema',
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {replicas: "3", selector: {}, template: {}}',
    ['spec.replicas: must be an integer, and is the text "3" (leave the quotes away)'],
  ],
  [
    'a number in data',
    'schema',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {port: 8080}',
    ['data.port: must be text, and is the integer 8080 (put it in quotes)'],
  ],
  // yes is true to the API server, and what a template meant as text
  [
    'a word that is a boolean',
    'schema',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {on: yes}',
    ['data.on: must be text, and is yes (put it in quotes)'],
  ],
  [
    'a boolean of an environment variable',
    'schema',
    deployment('env: [{name: A, value: true}]'),
    ['spec.template.spec.containers[name=c].env[name=A].value: must be text, and is true (put it in quotes)'],
  ],
  [
    'a map for a list',
    'schema',
    deployment('env: {A: b}'),
    ['spec.template.spec.containers[name=c].env: must be a list, and is a map'],
  ],
  [
    'a quantity',
    'schema',
    deployment('resources: {limits: {memory: 1 GB}, requests: {cpu: 0.5, memory: 1.5Gi}}'),
    [
      'spec.template.spec.containers[name=c].resources.limits.memory: must be a quantity, and is the text "1 GB" (500m, 2, 1.5Gi are quantities)',
    ],
  ],
  [
    'what is required',
    'schema',
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {replicas: 1}',
    ['spec: selector is missing', 'spec: template is missing'],
  ],
  [
    'null is absent',
    'schema',
    'apiVersion: v1\nkind: Service\nmetadata: {name: s, labels: null}\nspec: {ports: null, type: null}',
    [],
  ],
  [
    'a port is a number or a name',
    'schema',
    'apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 80, targetPort: web}, {port: 81, targetPort: 8080}, {port: "82"}]}',
    ['spec.ports[2].port: must be an integer, and is the text "82" (leave the quotes away)'],
  ],
  [
    'a Secret: what it holds is not repeated',
    'schema',
    'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {password: hunter2!}',
    ['data.password: must be text in base64 (write it in base64, or under stringData as it is)'],
  ],
  [
    'metadata of a kind that nobody knows',
    'schema',
    'apiVersion: example.org/v1\nkind: Thing\nmetadata: {name: t, labels: {a: 1}}',
    ['metadata.labels.a: must be text, and is the integer 1 (put it in quotes)'],
  ],
  ['JSON inside a CRD is anything', 'schema', crd, []],
  [
    'a custom resource that fits',
    'schema',
    widget(
      'size: 3, color: red, port: 80, name: abc, tags: [a], labels: {x: z}, free: {a: {b: 1}}, empty: null, source: {git: x}',
    ),
    [],
  ],
  ['bounds', 'schema', widget('size: 10, color: red'), ['spec.size: is 10, and must be at most 9']],
  [
    'an enumeration',
    'schema',
    widget('size: 1, color: rde'),
    ['spec.color: is the text "rde", and must be red or green (did you mean "red"?)'],
  ],
  [
    'a pattern and a length',
    'schema',
    widget('size: 1, color: red, name: Abcdefg'),
    ['spec.name: the text "Abcdefg" does not match ^[a-z]+$', 'spec.name: has 7 characters, and may have at most 5'],
  ],
  ['required of a custom resource; a default stands in', 'schema', widget('size: 1'), ['spec: color is missing']],
  [
    'alternatives',
    'schema',
    widget('size: 1, color: red, source: {}'),
    ['spec.source: fits none of what is allowed: git is missing; or oci is missing'],
  ],
  [
    'two alternatives at once',
    'schema',
    widget('size: 1, color: red, source: {git: a, oci: b}'),
    ['spec.source: fits 2 of what only one may fit'],
  ],
  [
    'too many elements, one of a wrong type',
    'schema',
    widget('size: 1, color: red, tags: [a, b, 3]'),
    [
      'spec.tags: has 3 elements, and may have at most 2',
      'spec.tags[2]: must be text, and is the integer 3 (put it in quotes)',
    ],
  ],
  // unknown-field
  [
    'a misspelt field',
    'unknown-field',
    deployment('imagePullPolcy: Always'),
    [
      'spec.template.spec.containers[name=c].imagePullPolcy: there is no field "imagePullPolcy" (did you mean "imagePullPolicy"?)',
    ],
  ],
  [
    'a field of the wrong level',
    'unknown-field',
    deployment('', '  nodeSelector: {a: b}'),
    ['spec.nodeSelector: there is no field "nodeSelector"'],
  ],
  [
    'a custom resource',
    'unknown-field',
    widget('size: 1, color: red, colour: red, free: {x: 1}'),
    ['spec.colour: there is no field "colour" (did you mean "color"?)'],
  ],
  ['where everything is kept', 'unknown-field', widget('anything: 1', 'v1beta1'), []],
  [
    '`__proto__` is a field like another',
    'unknown-field',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n__proto__: {a: b}',
    ['__proto__: there is no field "__proto__"'],
  ],
  // api-version, deprecated-api
  [
    'gone',
    'api-version',
    'apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: c}',
    ['apiVersion: CronJob of batch/v1beta1 is gone since Kubernetes 1.25, and the site runs 1.33 (write batch/v1)'],
  ],
  [
    'gone without a successor',
    'api-version',
    'apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata: {name: p}',
    ['apiVersion: PodSecurityPolicy of policy/v1beta1 is gone since Kubernetes 1.25, and the site runs 1.33'],
  ],
  [
    'misspelt: a group of custom resources is a domain',
    'api-version',
    'apiVersion: app/v1\nkind: Deployment\nmetadata: {name: d}',
    ['apiVersion: Kubernetes has no Deployment of app/v1 (did you mean apps/v1?)'],
  ],
  [
    'a kind of another version',
    'api-version',
    'apiVersion: v1\nkind: Deployment\nmetadata: {name: d}',
    ['apiVersion: Kubernetes has no Deployment of v1 (did you mean apps/v1?)'],
  ],
  [
    'an alpha version may be there or not',
    'api-version',
    'apiVersion: node.k8s.io/v1alpha1\nkind: RuntimeClass\nmetadata: {name: r}',
    [],
  ],
  [
    'a version that its CRD does not serve',
    'api-version',
    widget('size: 1', 'v1alpha1'),
    [
      'apiVersion: g/a/CustomResourceDefinition_widgets.example.com.yaml does not serve Widget of example.com/v1alpha1 (it serves v1, v1beta1)',
    ],
  ],
  [
    'deprecated by its CRD',
    'deprecated-api',
    widget('size: 1', 'v1beta1'),
    ['apiVersion: its CRD calls example.com/v1beta1 deprecated'],
  ],
  [
    'deprecated',
    'deprecated-api',
    'apiVersion: v1\nkind: Endpoints\nmetadata: {name: e}',
    ['apiVersion: Endpoints of v1 is deprecated since Kubernetes 1.33 (write discovery.k8s.io/v1)'],
  ],
  // name
  [
    'upper case',
    'name',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: My_Config}',
    ['metadata.name: "My_Config" is no name for it: lower case letters, digits, "-" and "."'],
  ],
  [
    'a Service begins with a letter',
    'name',
    'apiVersion: v1\nkind: Service\nmetadata: {name: 1st}',
    ['metadata.name: "1st" is no name for it: lower case letters, digits and "-", a letter first'],
  ],
  [
    'roles may have colons',
    'name',
    'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: "system:A_b"}',
    [],
  ],
  [
    'too long for a CronJob',
    'name',
    `apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: ${'c'.repeat(53)}}`,
    [`metadata.name: "${'c'.repeat(53)}" has 53 characters, and may have 52`],
  ],
  [
    'a generated name gets its end from the server',
    'name',
    'apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: job-}',
    [],
  ],
  [
    'labels',
    'name',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, labels: {"a b": x, good.io/name: ok, bad: "1+2", "": y}}',
    [
      'metadata.labels.a b: the key "a b" may have letters, digits, "-", "_" and "."',
      'metadata.labels.bad: "1+2" is no value of a label: letters, digits, "-", "_" and "."',
      'metadata.labels.: the key "" has no name',
    ],
  ],
  [
    'labels of pods',
    'name',
    deployment('').replace('{labels: {app: web}}', `{labels: {app: web, v: ${'1'.repeat(64)}}}`),
    [`spec.template.metadata.labels.v: "${'1'.repeat(64)}" has 64 characters, and may have 63`],
  ],
  [
    'an annotation may hold anything',
    'name',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, annotations: {a/b: "any thing\\n"}}',
    [],
  ],
  [
    'ports and containers',
    'name',
    deployment(
      'ports: [{name: a-name-that-is-long, containerPort: 1}, {name: ok-1, containerPort: 2}]',
      '      - {name: c, image: x}',
    ).replace('\n\n', '\n'),
    [
      'spec.template.spec.containers[name=c].ports[name=a-name-that-is-long].name: "a-name-that-is-long" is no name of a port: 15 lower case letters, digits and "-" at most',
      'spec.template.spec.containers[name=c].name: two containers of the pod are named "c"',
    ],
  ],
  // duplicate
  [
    'two apps',
    'duplicate',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n---\n# app: b\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: ns}',
    [
      'metadata.name: g/a has ConfigMap c in namespace ns as well, another one (g/a/ConfigMap_c.yaml is the other: leave one of them out)',
    ],
  ],
  [
    'two clusters',
    'duplicate',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n---\n# app: b\n# admin\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}',
    [],
  ],
  [
    'two versions of one group are one object',
    'duplicate',
    'apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: c}\n---\n# app: b\napiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: c}',
    [
      'metadata.name: g/a has PodDisruptionBudget c in namespace ns as well, another one (g/a/PodDisruptionBudget_c.yaml is the other: leave one of them out)',
    ],
  ],
  [
    'two namespaces',
    'duplicate',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n---\n# app: b\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: other}',
    [],
  ],
  // selector, selects-nothing
  [
    'not its own pods',
    'selector',
    deployment('').replace('{app: web}}', '{app: wbe}}'),
    ['spec.selector.matchLabels: selects pods with app: wbe, and its own have app: web'],
  ],
  [
    'a Service of nothing',
    'selects-nothing',
    `${deployment('')}---\napiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {selector: {app: wbe}}\n`,
    ['spec.selector: selects no pod that the site renders'],
  ],
  [
    'a Service of a pod',
    'selects-nothing',
    `${deployment('')}---\napiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {selector: {app: web}}\n`,
    [],
  ],
  [
    'an operator may make the pods',
    'selects-nothing',
    'apiVersion: example.com/v1\nkind: Db\nmetadata: {name: d}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {selector: {app: db}}\n',
    [],
  ],
  // reference
  [
    'a missing ConfigMap',
    'reference',
    deployment('envFrom: [{configMapRef: {name: cfg}}, {secretRef: {name: s, optional: true}}]'),
    [
      'spec.template.spec.containers[name=c].envFrom[0].configMapRef.name: nothing in the site brings the ConfigMap "cfg"',
    ],
  ],
  [
    'a missing key',
    'reference',
    `${deployment('env: [{name: A, valueFrom: {configMapKeyRef: {name: cfg, key: b}}}]')}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: cfg}\ndata: {a: x}`,
    [
      'spec.template.spec.containers[name=c].env[name=A].valueFrom.configMapKeyRef.name: ConfigMap "cfg" has no key "b" (g/a/ConfigMap_cfg.yaml has a)',
    ],
  ],
  [
    'one of another namespace',
    'reference',
    `${deployment('envFrom: [{configMapRef: {name: cfg}}]')}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: cfg, namespace: other}`,
    [
      'spec.template.spec.containers[name=c].envFrom[0].configMapRef.name: nothing in the site brings the ConfigMap "cfg" (there is one in namespace other (g/a/ConfigMap_cfg.yaml))',
    ],
  ],
  [
    'a Secret that a SealedSecret makes',
    'reference',
    `${deployment('envFrom: [{secretRef: {name: s}}]')}---\napiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: s}`,
    [],
  ],
  [
    'a certificate',
    'reference',
    `${deployment('', '      volumes: [{name: v, secret: {secretName: tls}}]\n')}---\napiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: c}\nspec: {secretName: tls}`,
    [],
  ],
  [
    'volumes, accounts, pull secrets',
    'reference',
    deployment(
      '',
      '      serviceAccountName: web\n      imagePullSecrets: [{name: pull}]\n      volumes: [{name: v, persistentVolumeClaim: {claimName: data}}, {name: p, projected: {sources: [{configMap: {name: ca}}]}}]',
    ),
    [
      'spec.template.spec.serviceAccountName: nothing in the site brings the ServiceAccount "web"',
      'spec.template.spec.imagePullSecrets[name=pull].name: nothing in the site brings the Secret "pull"',
      'spec.template.spec.volumes[name=v].persistentVolumeClaim.claimName: nothing in the site brings the PersistentVolumeClaim "data"',
      'spec.template.spec.volumes[name=p].projected.sources[0].configMap.name: nothing in the site brings the ConfigMap "ca"',
    ],
  ],
  [
    'an Ingress',
    'reference',
    'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i}\nspec: {rules: [{http: {paths: [{path: /, backend: {service: {name: web}}}]}}], tls: [{secretName: tls}]}',
    [
      'spec.rules[0].http.paths[0].backend.service.name: nothing in the site brings the Service "web"',
      'spec.tls[0].secretName: nothing in the site brings the Secret "tls"',
    ],
  ],
  [
    'roles: those of every cluster are there',
    'reference',
    'apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: b}\nroleRef: {kind: ClusterRole, name: view}\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: b}\nroleRef: {kind: ClusterRole, name: mine}',
    ['roleRef.name: nothing in the site brings the ClusterRole "mine"'],
  ],
  [
    'an autoscaler',
    'reference',
    'apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: h}\nspec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}',
    ['spec.scaleTargetRef.name: nothing in the site brings the Deployment "web"'],
  ],
  [
    'a webhook',
    'reference',
    'apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: w}\nwebhooks: [{name: a.b.c, clientConfig: {service: {name: hook, namespace: ns}}}]',
    ['webhooks[name=a.b.c].clientConfig.service.name: nothing in the site brings the Service "hook" in namespace ns'],
  ],
  // namespace
  [
    'a namespace that nobody makes',
    'namespace',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: nx}',
    [
      'metadata.namespace: nothing in the site makes the namespace "nx" (a Namespace object or the namespace of an app would)',
    ],
  ],
  [
    'one that is made',
    'namespace',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: nx}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: nx}',
    [],
  ],
  [
    'of what lives in none',
    'namespace',
    'apiVersion: v1\nkind: Namespace\nmetadata: {name: n, namespace: ns}',
    ['metadata.namespace: a Namespace lives in no namespace (leave it out)'],
  ],
  [
    'a CRD says where its objects live',
    'namespace',
    widget('size: 1').replace('{name: w}', '{name: w, namespace: ns}'),
    ['metadata.namespace: a Widget lives in no namespace (leave it out)'],
  ],
  // plain-secret
  [
    'a Secret',
    'plain-secret',
    'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {password: aHVudGVyMg==, ca.crt: eA==}\nstringData: {user: x, none: ""}',
    [
      ': git would have what it holds: password, user (let a SealedSecret, an ExternalSecret or SOPS bring it; or exempt it in decapod.yaml, with the reason)',
    ],
  ],
  [
    'one that holds nothing, one that SOPS encrypted, one for a vault',
    'plain-secret',
    'apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: b}\nstringData: {x: "ENC[..]"}\nsops: {version: 3}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: c}\nstringData: {x: "<path:secret/data/db#password>"}',
    [],
  ],
  // image-tag, placeholder, limits
  [
    'images',
    'image-tag',
    deployment(
      '',
      '      - {name: d, image: "localhost:5000/x"}\n      - {name: e, image: "x:latest"}\n      - {name: f, image: "x@sha256:0"}',
    ).replace('\n\n', '\n'),
    [
      'spec.template.spec.containers[name=d].image: "localhost:5000/x" has no tag: latest is meant',
      'spec.template.spec.containers[name=e].image: "x:latest" is another image every other day',
    ],
  ],
  [
    'a placeholder of a chart',
    'placeholder',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {host: CHANGEME.example.com, script: "# TODO: later\\nx"}',
    ['data.host: "CHANGEME" is left to be filled in'],
  ],
  [
    'limits',
    'limits',
    deployment('resources: {requests: {cpu: 1}}'),
    ['spec.template.spec.containers[name=c].resources: sets no limit of memory'],
  ],
])('%s (%s)', (_, rule, text, want) => expect(found(rule, text)).toEqual(want))

test('what a Kubernetes does not serve yet', () => {
  const pdb = 'apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: p}'
  expect(found('api-version', pdb, 20)).toEqual([
    'apiVersion: PodDisruptionBudget of policy/v1 is there since Kubernetes 1.21, and the site runs 1.20 (the kubeVersion of site.yaml, or of decapod.yaml, says what it runs)',
  ])
  expect(found('api-version', pdb, 21)).toEqual([])
})

test('places are those of the file', () => {
  const { findings } = validateSite('s', objectsOf(deployment('imagePullPolcy: Always'), 33), everything)
  expect(findings.find(({ rule }) => rule === 'unknown-field')?.at).toEqual({ file: 'doc0.yaml', line: 12, column: 9 })
})

test('decapod.yaml knows every rule', () => expect(ruleNames).toEqual(rules.map(({ name }) => name)))

test('every rule has a row in docs/validation.md with its severity, and a test here', () => {
  const rows = [...readFileSync('docs/validation.md', 'utf8').matchAll(/^\| `([\w-]+)` \| (\w+) \|/gm)]
  expect(rows.map(([, name, severity]) => [name, severity])).toEqual(
    rules.map(({ name, severity }) => [name, severity]),
  )
  const own = readFileSync(import.meta.filename, 'utf8')
  expect(
    rules.filter(({ name }) => !new RegExp(`^ +'${name}',$|, '${name}', `, 'm').test(own)).map(({ name }) => name),
  ).toEqual([])
})

test.each<[objects: string, file: string, want: boolean]>([
  ['g/a/Secret_x', 'g/a/Secret_x.yaml', true],
  ['g/a/Secret_x.yaml', 'g/a/Secret_x.yaml', true],
  ['g/*/Secret_*', 'g/a/Secret_x.yaml', true],
  ['*', 'g/a/Secret_x.yaml', true],
  ['g/a', 'g/a/Secret_x.yaml', false],
  ['*_y', 'g/a/Secret_x.yaml', false],
  ['g*g', 'g', false],
])('exempt: %s covers %s: %s', (objects, file, want) => {
  const policy: PolicySettings = { rules: {}, exempt: [{ objects, reason: 'r' }] }
  expect(isExempt(policy, 'schema', 's', { file })).toBe(want)
})

test('exempt: of one rule, of one site', () => {
  const policy: PolicySettings = { rules: {}, exempt: [{ rule: 'a', site: 'site-*', objects: '*', reason: 'r' }] }
  const object = { file: 'g/a/x.yaml' }
  expect(isExempt(policy, 'a', 'site-z', object)).toBe(true)
  expect(isExempt(policy, 'b', 'site-z', object)).toBe(false)
  expect(isExempt(policy, 'a', 'other', object)).toBe(false)
})

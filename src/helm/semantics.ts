/** Which Helm a release is rendered as: 3 is Helm 3.22, 4 is Helm 4.3. */
export type Semantics = 3 | 4

/** Short names for the generated types. */
import type { components } from './generated/argo.ts'

type Schemas = components['schemas']

export type AppProject = Schemas['AppProject']
export type Application = Schemas['Application']
export type ApplicationSpec = Schemas['ApplicationSpec']
export type ApplicationSet = Schemas['ApplicationSet']
export type Workflow = Schemas['Workflow']
export type WorkflowTemplate = Schemas['WorkflowTemplate']
export type Template = Schemas['Template']
export type Task = Schemas['Task']
export type Artifact = Schemas['Artifact']

export type ArgoObject = AppProject | Application | ApplicationSet | Workflow | WorkflowTemplate

{{- define "mesh.labels" -}}
app: mesh-control
app.kubernetes.io/name: mesh-control
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- /* The settings every proxy gets, as a map; the user's own are laid over them. */}}
{{- define "mesh.config" -}}
{{- $default := dict
      "trustDomain" .Values.trustDomain
      "enableTracing" (ne .Values.tracing.address "")
      "defaultConfig" (dict "discoveryAddress" (printf "%s.%s.svc:15012" .Release.Name .Release.Namespace))
      "outboundTrafficPolicy" (dict "mode" "REGISTRY_ONLY")
}}
{{- if ne .Values.accessLog "none" }}
{{- $_ := set $default "accessLogFile" "/dev/stdout" }}
{{- end }}
{{- if .Values.tracing.address }}
{{- $tracing := dict "sampling" (float64 .Values.tracing.sampling) "openCensusAgent" (dict "address" .Values.tracing.address) }}
{{- $_ := set $default.defaultConfig "tracing" $tracing }}
{{- end }}
{{- toYaml (mergeOverwrite $default (deepCopy .Values.meshConfig)) }}
{{- end }}

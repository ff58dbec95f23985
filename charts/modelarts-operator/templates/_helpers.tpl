{{/* The chart's name, in labels. */}}
{{- define "modelarts-operator.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* Name of all objects, and of the Lease. Short enough for what is put behind it. */}}
{{- define "modelarts-operator.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 45 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 45 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 45 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "modelarts-operator.selectorLabels" -}}
app.kubernetes.io/name: {{ include "modelarts-operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{- define "modelarts-operator.labels" -}}
{{- $own := dict
  "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-")
  "app.kubernetes.io/version" (.Chart.AppVersion | replace "+" "_" | trunc 63)
  "app.kubernetes.io/managed-by" .Release.Service }}
{{- $own = merge (include "modelarts-operator.selectorLabels" . | fromYaml) $own .Values.commonLabels }}
{{- toYaml $own }}
{{- end }}

{{- define "modelarts-operator.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "modelarts-operator.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{/* registry/repository:tag, or registry/repository@digest. */}}
{{- define "modelarts-operator.image" -}}
{{- with .Values.image }}
{{- with .registry }}{{ trimSuffix "/" . }}/{{ end }}{{ .repository }}
{{- if .digest }}@{{ .digest }}{{ else }}:{{ default $.Chart.AppVersion .tag }}{{ end }}
{{- end }}
{{- end }}

{{/* The names of the Leases, as JSON. */}}
{{- define "modelarts-operator.leases" -}}
{{- $name := include "modelarts-operator.fullname" . }}
{{- $leases := list $name }}
{{- if gt (int .Values.shards) 1 }}
{{- $leases = list }}
{{- range $shard := until (int .Values.shards) }}
{{- $leases = append $leases (printf "%s-shard-%d" $name $shard) }}
{{- end }}
{{- end }}
{{- toJson $leases }}
{{- end }}

{{/* The volume's source for the certificates to trust, or nothing. */}}
{{- define "modelarts-operator.caSource" -}}
{{- with .Values.caBundle }}
{{- $items := list (dict "key" .key "path" "ca.crt") }}
{{- if .configMap }}
{{- toYaml (dict "configMap" (dict "name" .configMap "items" $items)) }}
{{- else if .secret }}
{{- toYaml (dict "secret" (dict "secretName" .secret "items" $items)) }}
{{- end }}
{{- end }}
{{- end }}

{{/* The container's environment, as a YAML list. */}}
{{- define "modelarts-operator.env" -}}
{{- $env := list }}
{{- with .Values.proxy }}
{{- range $pair := list (list "HTTPS_PROXY" .https) (list "HTTP_PROXY" .http) (list "NO_PROXY" .noProxy) }}
{{- if last $pair }}
{{- $env = append $env (dict "name" (first $pair) "value" (last $pair)) }}
{{- end }}
{{- end }}
{{- end }}
{{- if include "modelarts-operator.caSource" . }}
{{- $env = append $env (dict "name" "NODE_EXTRA_CA_CERTS" "value" "/etc/modelarts-operator/ca/ca.crt") }}
{{- end }}
{{- concat $env .Values.extraEnv | toYaml }}
{{- end }}

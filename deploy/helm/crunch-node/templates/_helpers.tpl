{{- define "crunch.name" -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "crunch.labels" -}}
app.kubernetes.io/name: crunch-node
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{- define "crunch.image" -}}
{{ required "image.repository: expected the image of the project, built from node/Dockerfile" .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}

{{/* Variables of every process. Called with root and, for the credentials, the name of the service. */}}
{{- define "crunch.env" -}}
{{- $values := .root.Values -}}
- { name: NODE_ENV, value: production }
- { name: CRUNCH_ID, value: {{ $values.crunchId | quote }} }
- { name: CRUNCH_CONFIG_MODULE, value: {{ $values.config.module | quote }} }
{{- with $values.namespace }}
- { name: CRUNCH_NAMESPACE, value: {{ . | quote }} }
{{- end }}
- { name: NATS_URL, value: {{ $values.nats.url | quote }} }
- { name: NATS_REPLICAS, value: {{ $values.nats.replicas | quote }} }
{{- if $values.nats.credentialsSecret }}
- { name: NATS_CREDS, value: /etc/crunch/nats-credentials/{{ .service }}.creds }
- { name: NATS_INBOX_PREFIX, value: _INBOX_{{ .service }} }
{{- end }}
{{- if $values.nats.tlsSecret }}
- { name: NATS_CA, value: /etc/crunch/nats-tls/ca.crt }
{{- end }}
- name: DATABASE_URL
  valueFrom: { secretKeyRef: { name: {{ $values.database.existingSecret | quote }}, key: url } }
{{- with $values.models.host }}
- { name: MODEL_RUNNER_NODE_HOST, value: {{ . | quote }} }
- { name: MODEL_RUNNER_NODE_PORT, value: {{ $values.models.port | quote }} }
{{- end }}
{{- if $values.models.tlsSecret }}
- { name: SECURE_CERT_DIR, value: /etc/crunch/models-tls }
{{- end }}
- { name: SERVICE_HOST, value: 0.0.0.0 }
- { name: SERVICE_PORT, value: "9464" }
- { name: CRUNCH_STATE_DIR, value: /tmp/crunch }
{{- range $name, $value := $values.env }}
- { name: {{ $name }}, value: {{ $value | quote }} }
{{- end }}
{{- end -}}

{{- define "crunch.envFrom" -}}
{{- with .root.Values.api.existingSecret }}
- secretRef: { name: {{ . | quote }} }
{{- end }}
{{- with .root.Values.feed.existingSecret }}
{{- if or (eq $.service "ingest") (eq $.service "backfill") }}
- secretRef: { name: {{ . | quote }} }
{{- end }}
{{- end }}
{{- end -}}

{{- define "crunch.mounts" -}}
- { name: tmp, mountPath: /tmp }
{{- if .root.Values.nats.credentialsSecret }}
- { name: nats-credentials, mountPath: /etc/crunch/nats-credentials, readOnly: true }
{{- end }}
{{- if .root.Values.nats.tlsSecret }}
- { name: nats-tls, mountPath: /etc/crunch/nats-tls, readOnly: true }
{{- end }}
{{- if .root.Values.database.tlsSecret }}
- { name: postgres-tls, mountPath: /etc/crunch/postgres, readOnly: true }
{{- end }}
{{- if .root.Values.models.tlsSecret }}
- { name: models-tls, mountPath: /etc/crunch/models-tls, readOnly: true }
{{- end }}
{{- end -}}

{{/* A process gets its own credentials and no others. */}}
{{- define "crunch.volumes" -}}
- { name: tmp, emptyDir: {} }
{{- if .root.Values.nats.credentialsSecret }}
- name: nats-credentials
  secret:
    secretName: {{ .root.Values.nats.credentialsSecret | quote }}
    items: [{ key: {{ .service }}.creds, path: {{ .service }}.creds }]
{{- end }}
{{- if .root.Values.nats.tlsSecret }}
- { name: nats-tls, secret: { secretName: {{ .root.Values.nats.tlsSecret | quote }} } }
{{- end }}
{{- if .root.Values.database.tlsSecret }}
- { name: postgres-tls, secret: { secretName: {{ .root.Values.database.tlsSecret | quote }} } }
{{- end }}
{{- if .root.Values.models.tlsSecret }}
- { name: models-tls, secret: { secretName: {{ .root.Values.models.tlsSecret | quote }} } }
{{- end }}
{{- end -}}

{{- define "crunch.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
fsGroup: 1000
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "crunch.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{- define "wsa.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Of (dict "root" $ "role" "api"): what selects the pods of a role; it never changes. */}}
{{- define "wsa.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .role }}
{{- end -}}

{{- define "wsa.labels" -}}
{{ include "wsa.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{- define "wsa.image" -}}
{{- $repository := required "image.repository must say where the image is: build deploy/Containerfile" .Values.image.repository -}}
{{ $repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}

{{- define "wsa.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "wsa.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{/* The variables of every process. */}}
{{- define "wsa.env" -}}
- name: WSA__HTTP__LISTEN
  value: 0.0.0.0:8080
- name: WSA__STORE__DATABASE_URL
  valueFrom:
    secretKeyRef:
      name: {{ required "database.secretName must name the Secret with the URL of PostgreSQL" .Values.database.secretName }}
      key: {{ .Values.database.secretKey }}
- name: WSA__AMQP__URL
  valueFrom:
    secretKeyRef:
      name: {{ required "amqp.secretName must name the Secret with the URL of RabbitMQ" .Values.amqp.secretName }}
      key: {{ .Values.amqp.secretKey }}
{{- if .Values.database.caSecretName }}
- name: WSA__STORE__TLS__CA
  value: /etc/wsa/database/{{ .Values.database.caSecretKey }}
{{- end }}
{{- if .Values.amqp.caSecretName }}
- name: WSA__AMQP__TLS__CA
  value: /etc/wsa/amqp/{{ .Values.amqp.caSecretKey }}
{{- end }}
{{- range $name, $value := .Values.settings }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end -}}

{{/* The files of a process, of (dict "root" $ "role" "api"): where they are mounted, and where they are from. */}}
{{- define "wsa.mounts" -}}
{{- if .root.Values.database.caSecretName }}
- {name: database, mountPath: /etc/wsa/database, readOnly: true}
{{- end }}
{{- if .root.Values.amqp.caSecretName }}
- {name: amqp, mountPath: /etc/wsa/amqp, readOnly: true}
{{- end }}
{{- if and (eq .role "api") .root.Values.api.tls.secretName }}
- {name: tls, mountPath: /etc/wsa/tls, readOnly: true}
{{- end }}
{{- end -}}

{{- define "wsa.volumes" -}}
{{- if .root.Values.database.caSecretName }}
- name: database
  secret: {secretName: {{ .root.Values.database.caSecretName }}}
{{- end }}
{{- if .root.Values.amqp.caSecretName }}
- name: amqp
  secret: {secretName: {{ .root.Values.amqp.caSecretName }}}
{{- end }}
{{- if and (eq .role "api") .root.Values.api.tls.secretName }}
- name: tls
  secret: {secretName: {{ .root.Values.api.tls.secretName }}}
{{- end }}
{{- end -}}

{{/* Where pods may run: of (dict "root" $ "role" "api"). */}}
{{- define "wsa.placing" -}}
{{- with .root.Values.topologySpread }}
topologySpreadConstraints:
{{- range . }}
  - maxSkew: 1
    topologyKey: {{ .topologyKey }}
    whenUnsatisfiable: {{ .whenUnsatisfiable }}
    matchLabelKeys: [pod-template-hash]
    labelSelector:
      matchLabels:
        {{- include "wsa.selector" $ | nindent 8 }}
{{- end }}
{{- end }}
{{- include "wsa.nodes" .root }}
{{- end -}}

{{- define "wsa.nodes" -}}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

/**
 * A CRD's file as a template of the chart: only where it is wanted, and, unless told otherwise, kept when the release goes.
 *
 * @throws Error when the CRD holds what Helm would take for a template.
 */
export function chartCRD(crd: string): string {
  if (crd.includes('{{')) throw new Error('a CRD holds "{{", which Helm would expand');
  const metadata = /^metadata:\n {2}name: .*\n/m;
  if (!metadata.test(crd)) throw new Error('a CRD does not begin its metadata with its name');
  const ours = [
    '  labels: {{- include "modelarts-operator.labels" . | nindent 4 }}',
    '  {{- if .Values.crds.keep }}',
    '  annotations:',
    '    helm.sh/resource-policy: keep',
    '  {{- end }}',
  ];
  const template = crd.replace(metadata, (lines) => `${lines}${ours.join('\n')}\n`);
  return `{{- if .Values.crds.enabled }}\n${template}{{- end }}\n`;
}

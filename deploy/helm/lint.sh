#!/usr/bin/env bash
# Lints the chart and checks what it renders, with few and with all values, against the schemas of Kubernetes. Needs helm 3
# (go install helm.sh/helm/v3/cmd/helm@v3.16.4) and Python; schemas come with the package kubernetes-validate.
set -euo pipefail
chart=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/crunch-node
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check kubernetes-validate==1.37.0

few=(--set image.repository=registry.example.com/x)
bare=("${few[@]}" --set nats.credentialsSecret= --set nats.tlsSecret= --set scaling.enabled=false --set backup.enabled=false)
all=("${few[@]}" --set restore.enabled=true --set monitoring.podMonitor=true --set env.LOG_LEVEL=info
  --set ingress.enabled=true --set ingress.host=a.example --set ingress.tlsSecret=t --set ingress.className=nginx
  --set feed.existingSecret=f --set api.existingSecret=a --set models.host=m --set models.tlsSecret=m
  --set database.tlsSecret=d --set backup.storageClass=s --set archive.storageClass=s)

helm lint "$chart" "${few[@]}"
render() { helm template check "$chart" --kube-version 1.30.0 "${@:2}" > "$work/$1.yaml"; }
render few "${few[@]}"
render bare "${bare[@]}"
render all "${all[@]}"
# Kinds of KEDA and of the Prometheus operator have no schema there.
for name in few bare all; do "$work/venv/bin/kubernetes-validate" -k 1.30 --strict "$work/$name.yaml"; done
if helm template check "$chart" --kube-version 1.30.0 > /dev/null 2>&1; then
  echo "expected the chart to ask for an image" >&2
  exit 1
fi

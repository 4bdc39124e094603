"""Checks rendered charts: every object against its schema, and the whole against rules of our own.

    check_chart.py FILE...      each the output of `helm template`

Run by scripts/check-deploy, in its environment of Python.
"""

import pathlib
import re
import sys

import kubernetes_validate
import yaml
from cloudcoil.models.keda import v1alpha1 as keda
from cloudcoil.models.prometheus_operator import v1 as operator

# The oldest that Chart.yaml permits, and the newest that the package knows.
VERSIONS = ["1.30", kubernetes_validate.latest_version()]
MODELS = {
    "ScaledObject": keda.ScaledObject,
    "ServiceMonitor": operator.ServiceMonitor,
    "PrometheusRule": operator.PrometheusRule,
}
STORE_WIDE = re.compile(r"(?<!max\()\bwsa_(tasks_open|oldest_open_task_seconds|queue_depth)\b")


class Chart:
    """The objects of one rendering, and what is wrong with them."""

    def __init__(self, path):
        self.name = pathlib.Path(path).stem
        with open(path, encoding="utf-8") as file:
            self.objects = [found for found in yaml.safe_load_all(file) if found]
        self.wrong = []
        self.checks = 0

    def expect(self, true, sentence):
        self.checks += 1
        if not true:
            self.wrong.append(f"{self.name}: {sentence}")

    def of(self, kind):
        return [found for found in self.objects if found["kind"] == kind]

    def named(self, kind, end):
        found = [found for found in self.of(kind) if found["metadata"]["name"].endswith(end)]
        self.expect(len(found) == 1, f"there is one {kind} ...{end}")
        return found[0] if found else None


def lost(given, read, path=""):
    """What a model did not take up: a field that the schema does not know."""
    if isinstance(given, dict):
        for key, value in given.items():
            if not isinstance(read, dict) or key not in read:
                yield f"{path}.{key}"
            else:
                yield from lost(value, read[key], f"{path}.{key}")
    elif isinstance(given, list):
        for number, value in enumerate(given):
            yield from lost(value, read[number], f"{path}[{number}]")


def schemas(chart):
    for found in chart.objects:
        name = f"{found['kind']} {found['metadata']['name']}"
        model = MODELS.get(found["kind"])
        try:
            if model:
                read = model.model_validate(found).model_dump(mode="json", by_alias=True, exclude_none=True)
                unknown = list(lost(found, read))
                chart.expect(not unknown, f"{name} has {unknown}, which its schema does not know")
            else:
                for version in VERSIONS:
                    kubernetes_validate.validate(found, version, strict=True)
                    chart.checks += 1
        except Exception as error:
            chart.expect(False, f"{name} does not match its schema: {error}")
        chart.expect(found["metadata"].get("namespace") == "pay", f"{name} is in the namespace of the release")


def pods(chart):
    for found in chart.of("Deployment") + chart.of("Job"):
        name = found["metadata"]["name"]
        pod = found["spec"]["template"]["spec"]
        security = pod["securityContext"]
        chart.expect(security["runAsNonRoot"] and security["runAsUser"] == 10001, f"{name} is not root")
        chart.expect(pod["automountServiceAccountToken"] is False, f"{name} has no token of Kubernetes")
        mounts = {volume["name"] for volume in pod.get("volumes", [])}
        for container in pod["containers"]:
            inner = container["securityContext"]
            chart.expect(inner["readOnlyRootFilesystem"], f"{name} has a root that is read only")
            chart.expect(not inner["allowPrivilegeEscalation"], f"{name} gains no privileges")
            chart.expect(inner["capabilities"]["drop"] == ["ALL"], f"{name} has no capability")
            limits = container["resources"]
            chart.expect("memory" in limits["limits"] and "cpu" in limits["requests"], f"{name} is bounded")
            env = {one["name"]: one for one in container["env"]}
            chart.expect(len(env) == len(container["env"]), f"{name} has each variable once")
            for secret in ["WSA__STORE__DATABASE_URL", "WSA__AMQP__URL"]:
                by_reference = "value" not in env[secret] and "secretKeyRef" in env[secret]["valueFrom"]
                chart.expect(by_reference, f"{name} has {secret} by reference")
            mounted = {mount["name"] for mount in container.get("volumeMounts", [])}
            chart.expect(mounted == mounts, f"{name} mounts {mounts}")
            files = [one["value"] for one in env.values() if str(one.get("value", "")).startswith("/etc/")]
            places = [mount["mountPath"] for mount in container.get("volumeMounts", [])]
            there = all(any(file.startswith(f"{place}/") for place in places) for file in files)
            chart.expect(there, f"{name} finds {files}")


def roles(chart):
    budgets = chart.of("PodDisruptionBudget")
    chart.expect(len(budgets) == (0 if chart.name == "off" else 2), "each role has a PodDisruptionBudget")
    for role in ["api", "worker"]:
        deployment = chart.named("Deployment", role)
        template = deployment["spec"]["template"]
        container = template["spec"]["containers"][0]
        chart.expect(container["args"] == [role], f"{role} runs `wsa {role}`")
        chart.expect(container["livenessProbe"]["httpGet"]["path"] == "/healthz", f"{role} is alive by /healthz")
        chart.expect(container["readinessProbe"]["httpGet"]["path"] == "/readyz", f"{role} is ready by /readyz")
        labels = template["metadata"]["labels"]
        selectors = [deployment["spec"]["selector"]["matchLabels"], chart.named("Service", role)["spec"]["selector"]]
        selectors += [one["spec"]["selector"]["matchLabels"] for one in budgets if one["metadata"]["name"].endswith(role)]
        spread = template["spec"].get("topologySpreadConstraints", [])
        chart.expect(len(spread) == (0 if chart.name == "off" else 2), f"{role} is spread")
        selectors += [one["labelSelector"]["matchLabels"] for one in spread]
        for kind, policy in [("NetworkPolicy", "podSelector"), ("ServiceMonitor", "selector")]:
            of_role = [one for one in chart.of(kind) if one["metadata"]["name"].endswith(role)]
            selectors += [one["spec"][policy]["matchLabels"] for one in of_role]
        for selector in selectors:
            chart.expect(selector.items() <= labels.items(), f"{selector} selects the pods of {role}")
            chart.expect(selector["app.kubernetes.io/component"] == role, f"{selector} is of {role}")
        grace = template["spec"]["terminationGracePeriodSeconds"]
        chart.expect(grace > 20 + 5, f"{role} may drain")
    for job in chart.of("Job"):
        hook = job["metadata"]["annotations"]["helm.sh/hook"]
        chart.expect(hook == "pre-install,pre-upgrade", "the schema is there before the processes")
        account = job["spec"]["template"]["spec"]["serviceAccountName"]
        chart.expect(account == "default", "a hook runs before the release has objects: no account of it")
    chart.expect(bool(chart.of("Job")) == (chart.name != "off"), "migrate runs unless it is switched off")


def scaling(chart):
    scaled = chart.of("ScaledObject")
    worker = chart.named("Deployment", "worker")
    chart.expect(("replicas" in worker["spec"]) != bool(scaled), "replicas are set here or by KEDA, not by both")
    for found in scaled:
        chart.expect(found["spec"]["scaleTargetRef"]["name"] == worker["metadata"]["name"], "KEDA scales the workers")
        queries = [trigger["metadata"]["query"] for trigger in found["spec"]["triggers"]]
        chart.expect(len(queries) == (1 if chart.name == "off" else 2), "KEDA looks at tasks and at their age")
        for query in queries:
            chart.expect(not STORE_WIDE.search(query), f"{query} takes the largest")
            chart.expect('namespace="pay"' in query, f"{query} is of this installation")


def everything_on(chart):
    kinds = [found["kind"] for found in chart.objects]
    for kind, count in [("NetworkPolicy", 2), ("Ingress", 1), ("ServiceMonitor", 2), ("PrometheusRule", 1), ("ConfigMap", 1)]:
        chart.expect(kinds.count(kind) == count, f"there are {count} {kind}")
    root = pathlib.Path(__file__).parent.parent / "deploy"
    rules = yaml.safe_load((root / "prometheus/wsa.rules.yml").read_text(encoding="utf-8"))
    chart.expect(chart.of("PrometheusRule")[0]["spec"] == rules, "the alerts are those of deploy/prometheus")
    board = (root / "grafana/boards/wsa.json").read_text(encoding="utf-8")
    chart.expect(chart.of("ConfigMap")[0]["data"]["wsa.json"].strip() == board.strip(), "the board is that of deploy/grafana")
    api = chart.named("Deployment", "api")["spec"]["template"]["spec"]["containers"][0]
    chart.expect(api["readinessProbe"]["httpGet"]["scheme"] == "HTTPS", "probes speak the API's language")
    monitor = chart.named("ServiceMonitor", "api")["spec"]["endpoints"][0]
    chart.expect(monitor["scheme"] == "https", "Prometheus too")


def main():
    wrong = 0
    for path in sys.argv[1:]:
        chart = Chart(path)
        for look in [schemas, pods, roles, scaling] + ([everything_on] if chart.name == "most" else []):
            look(chart)
        print(f"{chart.name}: {len(chart.objects)} objects, {chart.checks} checks, {len(chart.wrong)} failed")
        for sentence in chart.wrong:
            print(f"  not so: {sentence}", file=sys.stderr)
        wrong += len(chart.wrong)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()

package main

import (
	"fmt"
	"strings"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/cli/values"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/getter"
	"helm.sh/helm/v3/pkg/release"
)

type helm3 struct{}

func (helm3) load(files map[string][]byte) (*chart.Chart, error) {
	var list []*loader.BufferedFile
	for name, data := range files {
		list = append(list, &loader.BufferedFile{Name: name, Data: data})
	}
	return loader.LoadFiles(list)
}

func (helm3) capabilities(kube string) (*chartutil.Capabilities, error) {
	caps := chartutil.DefaultCapabilities.Copy()
	v, err := chartutil.ParseKubeVersion(orDefault(kube, "1.31.0"))
	if err != nil {
		return nil, err
	}
	caps.KubeVersion = *v
	return caps, nil
}

func (h helm3) template(q request, data map[string]any) (string, error) {
	c, err := h.load(chartFiles(q))
	if err != nil {
		return "", err
	}
	caps, err := h.capabilities(q.KubeVersion)
	if err != nil {
		return "", err
	}
	top := chartutil.Values{
		"Chart":        c.Metadata,
		"Capabilities": caps,
		"Values":       chartutil.Values(data),
		"Release": map[string]any{
			"Name": "release-name", "Namespace": "default", "IsUpgrade": false, "IsInstall": true,
			"Revision": 1, "Service": "Helm",
		},
	}
	out, err := engine.Engine{}.Render(c, top)
	if err != nil {
		return "", err
	}
	return out["t/templates/t.yaml"], nil
}

func (helm3) merged(q request, files []string) (map[string]any, error) {
	o := values.Options{
		ValueFiles: files, Values: q.Set, StringValues: q.SetString, JSONValues: q.SetJSON, LiteralValues: q.SetLiteral,
		FileValues: q.SetFile,
	}
	return o.MergeValues(getter.Providers{})
}

func (h helm3) set(q request, files []string) (map[string]any, error) { return h.merged(q, files) }

func (h helm3) coalesce(q request, files []string) (map[string]any, error) {
	c, err := h.load(fileBytes(q))
	if err != nil {
		return nil, err
	}
	vals, err := h.merged(q, files)
	if err != nil {
		return nil, err
	}
	if err := chartutil.ProcessDependenciesWithMerge(c, vals); err != nil {
		return nil, err
	}
	caps, err := h.capabilities(q.KubeVersion)
	if err != nil {
		return nil, err
	}
	options := chartutil.ReleaseOptions{Name: "release-name", Namespace: "default", Revision: 1, IsInstall: true}
	top, err := chartutil.ToRenderValuesWithSchemaValidation(c, vals, options, caps, q.SkipSchemaValidation)
	if err != nil {
		return nil, err
	}
	return top["Values"].(chartutil.Values), nil
}

// chart prints what `helm template` does.
func (h helm3) chart(q request, files []string) (string, error) {
	client := action.NewInstall(&action.Configuration{Log: func(string, ...any) {}})
	client.DryRun, client.DryRunOption, client.ClientOnly, client.Replace = true, "true", true, true
	client.ReleaseName, client.Namespace = orDefault(q.Name, "release-name"), orDefault(q.Namespace, "default")
	client.IncludeCRDs, client.DisableHooks, client.IsUpgrade = q.IncludeCRDs, q.NoHooks, q.IsUpgrade
	client.SkipSchemaValidation = q.SkipSchemaValidation
	client.APIVersions = chartutil.VersionSet(q.APIVersions)
	kube, err := chartutil.ParseKubeVersion(orDefault(q.KubeVersion, "1.31.0"))
	if err != nil {
		return "", fmt.Errorf("invalid kube version '%s': %s", q.KubeVersion, err)
	}
	client.KubeVersion = kube
	vals, err := h.merged(q, files)
	if err != nil {
		return "", err
	}
	c, err := loader.Load(q.Dir)
	if err != nil {
		return "", err
	}
	if c.Metadata.Type != "" && c.Metadata.Type != "application" {
		return "", fmt.Errorf("%s charts are not installable", c.Metadata.Type)
	}
	if c.Metadata.Deprecated {
		heard = append(heard, "WARNING: This chart is deprecated")
	}
	if req := c.Metadata.Dependencies; req != nil {
		if err := action.CheckDependencies(c, req); err != nil {
			return "", fmt.Errorf("An error occurred while checking for chart dependencies. You may need to run `helm dependency build` to fetch missing dependencies: %w", err)
		}
	}
	rel, err := client.Run(c, vals)
	if err != nil {
		if rel != nil {
			err = fmt.Errorf("%w\n\nUse --debug flag to render out invalid YAML", err)
		}
		return "", err
	}
	var out strings.Builder
	fmt.Fprintln(&out, strings.TrimSpace(rel.Manifest))
	if !client.DisableHooks {
		for _, m := range rel.Hooks {
			if q.SkipTests && isTest(m) {
				continue
			}
			fmt.Fprintf(&out, "---\n# Source: %s\n%s\n", m.Path, m.Manifest)
		}
	}
	return out.String(), nil
}

func isTest(h *release.Hook) bool {
	for _, e := range h.Events {
		if e == release.HookTest {
			return true
		}
	}
	return false
}

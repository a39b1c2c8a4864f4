package main

import (
	"fmt"
	"strings"

	"helm.sh/helm/v4/pkg/action"
	ci "helm.sh/helm/v4/pkg/chart"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	detecting "helm.sh/helm/v4/pkg/chart/loader"
	"helm.sh/helm/v4/pkg/chart/loader/archive"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	"helm.sh/helm/v4/pkg/cli/values"
	"helm.sh/helm/v4/pkg/engine"
	"helm.sh/helm/v4/pkg/getter"
	release "helm.sh/helm/v4/pkg/release/v1"
)

type helm4 struct{}

func (helm4) load(files map[string][]byte) (*chart.Chart, error) {
	var list []*archive.BufferedFile
	for name, data := range files {
		list = append(list, &archive.BufferedFile{Name: name, Data: data})
	}
	return loader.LoadFiles(list)
}

func (helm4) capabilities(kube string) (*common.Capabilities, error) {
	caps := common.DefaultCapabilities.Copy()
	v, err := common.ParseKubeVersion(orDefault(kube, "1.31.0"))
	if err != nil {
		return nil, err
	}
	caps.KubeVersion = *v
	return caps, nil
}

func (h helm4) template(q request, data map[string]any) (string, error) {
	c, err := h.load(chartFiles(q))
	if err != nil {
		return "", err
	}
	caps, err := h.capabilities(q.KubeVersion)
	if err != nil {
		return "", err
	}
	top := common.Values{
		"Chart":        c.Metadata,
		"Capabilities": caps,
		"Values":       common.Values(data),
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

func (helm4) merged(q request, files []string) (map[string]any, error) {
	o := values.Options{
		ValueFiles: files, Values: q.Set, StringValues: q.SetString, JSONValues: q.SetJSON, LiteralValues: q.SetLiteral,
		FileValues: q.SetFile,
	}
	return o.MergeValues(getter.Providers{})
}

func (h helm4) set(q request, files []string) (map[string]any, error) { return h.merged(q, files) }

func (h helm4) coalesce(q request, files []string) (map[string]any, error) {
	c, err := h.load(fileBytes(q))
	if err != nil {
		return nil, err
	}
	vals, err := h.merged(q, files)
	if err != nil {
		return nil, err
	}
	if err := chartutil.ProcessDependencies(c, vals); err != nil {
		return nil, err
	}
	caps, err := h.capabilities(q.KubeVersion)
	if err != nil {
		return nil, err
	}
	options := common.ReleaseOptions{Name: "release-name", Namespace: "default", Revision: 1, IsInstall: true}
	top, err := util.ToRenderValuesWithSchemaValidation(c, vals, options, caps, q.SkipSchemaValidation)
	if err != nil {
		return nil, err
	}
	return top["Values"].(common.Values), nil
}

// chart prints what `helm template` does.
func (h helm4) chart(q request, files []string) (string, error) {
	client := action.NewInstall(action.NewConfiguration())
	client.DryRunStrategy, client.Replace = action.DryRunClient, true
	client.ReleaseName, client.Namespace = orDefault(q.Name, "release-name"), orDefault(q.Namespace, "default")
	client.IncludeCRDs, client.DisableHooks, client.IsUpgrade = q.IncludeCRDs, q.NoHooks, q.IsUpgrade
	client.SkipSchemaValidation = q.SkipSchemaValidation
	client.APIVersions = common.VersionSet(q.APIVersions)
	kube, err := common.ParseKubeVersion(orDefault(q.KubeVersion, "1.31.0"))
	if err != nil {
		return "", fmt.Errorf("invalid kube version '%s': %s", q.KubeVersion, err)
	}
	client.KubeVersion = kube
	vals, err := h.merged(q, files)
	if err != nil {
		return "", err
	}
	loaded, err := detecting.Load(q.Dir)
	if err != nil {
		return "", err
	}
	c, ok := loaded.(*chart.Chart)
	if !ok {
		return "", fmt.Errorf("unsupported chart version")
	}
	if c.Metadata.Type != "" && c.Metadata.Type != "application" {
		return "", fmt.Errorf("%s charts are not installable", c.Metadata.Type)
	}
	if c.Metadata.Deprecated {
		heard = append(heard, "this chart is deprecated")
	}
	if req := c.Metadata.Dependencies; req != nil {
		deps := make([]ci.Dependency, len(req))
		for i, d := range req {
			deps[i] = d
		}
		if err := action.CheckDependencies(c, deps); err != nil {
			return "", fmt.Errorf("an error occurred while checking for chart dependencies. You may need to run 'helm dependency build' to fetch missing dependencies: %w", err)
		}
	}
	r, err := client.Run(c, vals)
	if err != nil {
		if r != nil {
			err = fmt.Errorf("%w\n\nUse --debug flag to render out invalid YAML", err)
		}
		return "", err
	}
	rel := r.(*release.Release)
	var out strings.Builder
	fmt.Fprintln(&out, strings.TrimSpace(rel.Manifest))
	if !client.DisableHooks {
		for _, m := range rel.Hooks {
			if q.SkipTests && isTest4(m) {
				continue
			}
			fmt.Fprintf(&out, "---\n# Source: %s\n%s\n", m.Path, m.Manifest)
		}
	}
	return out.String(), nil
}

func isTest4(h *release.Hook) bool {
	for _, e := range h.Events {
		if e == release.HookTest {
			return true
		}
	}
	return false
}

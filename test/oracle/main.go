// Oracle answers questions about Helm by running Helm's own packages, for differential tests. It reads one JSON object
// per line and writes one per line; see README.md. Developers only: nothing in decapod needs it.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/Masterminds/semver/v3"
	"sigs.k8s.io/yaml"
)

// request is a line of input: the fields of a vector of conformance/template-vectors.json, and which Helm to ask.
type request struct {
	ID   any    `json:"id"`
	Kind string `json:"kind"`
	Helm int    `json:"helm"`

	Template string            `json:"template"`
	Files    map[string]string `json:"files"`
	Data     json.RawMessage   `json:"data"`
	Input    string            `json:"input"`

	Constraint string `json:"constraint"`
	Version    string `json:"version"`

	ValuesText []string `json:"valuesText"`
	Set        []string `json:"set"`
	SetString  []string `json:"setString"`
	SetJSON    []string `json:"setJson"`
	SetLiteral []string `json:"setLiteral"`
	SetFile    []string `json:"setFile"`
	// SetFiles are the texts of the files that setFile names.
	SetFiles map[string]string `json:"setFiles"`

	// Dir is a chart directory or archive on disk, instead of Files.
	Dir                  string   `json:"dir"`
	ValueFiles           []string `json:"valueFiles"`
	Name                 string   `json:"name"`
	Namespace            string   `json:"namespace"`
	KubeVersion          string   `json:"kubeVersion"`
	APIVersions          []string `json:"apiVersions"`
	IncludeCRDs          bool     `json:"includeCrds"`
	SkipTests            bool     `json:"skipTests"`
	NoHooks              bool     `json:"noHooks"`
	IsUpgrade            bool     `json:"isUpgrade"`
	SkipSchemaValidation bool     `json:"skipSchemaValidation"`
}

// response has want, wantBase64 (bytes that are not UTF-8) or error, as a vector has.
type response struct {
	ID         any      `json:"id"`
	Want       any      `json:"want,omitempty"`
	WantBase64 *string  `json:"wantBase64,omitempty"`
	Error      *string  `json:"error,omitempty"`
	Warnings   []string `json:"warnings,omitempty"`
	Millis     float64  `json:"millis"`
}

// helm is one major version.
type helm interface {
	template(q request, data map[string]any) (string, error)
	set(q request, files []string) (map[string]any, error)
	coalesce(q request, files []string) (map[string]any, error)
	chart(q request, files []string) (string, error)
}

// heard is what was logged since the last question, both by package log and by slog, which takes it over.
var heard []string

type listener struct{ slog.Handler }

func (listener) Handle(ctx context.Context, r slog.Record) error {
	var attributes strings.Builder
	h := slog.NewTextHandler(&attributes, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == slog.LevelKey || a.Key == slog.MessageKey {
			return slog.Attr{}
		}
		return a
	}})
	if err := h.Handle(ctx, r); err != nil {
		return err
	}
	text := strings.TrimSpace(r.Message + " " + attributes.String())
	// Helm only informs of what then is the error.
	if !strings.HasPrefix(text, "[INFO]") && !strings.HasPrefix(text, "funcMap fail") && !strings.HasPrefix(text, "missing required") {
		heard = append(heard, text)
	}
	return nil
}

func main() {
	slog.SetDefault(slog.New(listener{slog.NewTextHandler(io.Discard, nil)}))
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	decoder := json.NewDecoder(in)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for {
		var q request
		if err := decoder.Decode(&q); err != nil {
			break
		}
		start := time.Now()
		heard = nil
		want, err := answer(q)
		r := response{ID: q.ID, Millis: float64(time.Since(start).Microseconds()) / 1000, Warnings: heard}
		if err != nil {
			text := err.Error()
			r.Error = &text
		} else if text, ok := want.(string); ok && !utf8.ValidString(text) {
			encoded := base64.StdEncoding.EncodeToString([]byte(text))
			r.WantBase64 = &encoded
		} else {
			r.Want = want
		}
		if err := encoder.Encode(r); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		// Some questions kill the process (a cyclic map printed); the answers before must not be lost.
		out.Flush()
	}
	out.Flush()
}

func answer(q request) (want any, err error) {
	// What Helm itself would crash on is an answer too.
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	var h helm = helm3{}
	if q.Helm == 4 {
		h = helm4{}
	}
	switch q.Kind {
	case "template":
		data, err := decodeData(q.Data)
		if err != nil {
			return nil, err
		}
		values, _ := data.(map[string]any)
		if values == nil {
			values = map[string]any{}
		}
		return h.template(q, values)
	case "toYaml":
		data, err := decodeData(q.Data)
		if err != nil {
			return nil, err
		}
		// As in Helm, what cannot be written is the empty text.
		text, _ := yaml.Marshal(data)
		return string(bytes.TrimSuffix(text, []byte("\n"))), nil
	case "fromYaml":
		m := map[string]any{}
		if err := yaml.Unmarshal([]byte(q.Input), &m); err != nil {
			m["Error"] = err.Error()
		}
		return encodeData(m), nil
	case "semver":
		c, err := semver.NewConstraint(q.Constraint)
		if err != nil {
			return nil, err
		}
		v, err := semver.NewVersion(q.Version)
		if err != nil {
			return nil, err
		}
		return c.Check(v), nil
	case "set", "coalesce", "chart":
		dir, files, err := writeValues(q.ValuesText, q.SetFiles)
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		for i, line := range q.SetFile {
			q.SetFile[i] = strings.ReplaceAll(line, "DIR", dir)
		}
		switch q.Kind {
		case "set":
			m, err := h.set(q, files)
			return encodeData(m), hideDir(err, dir)
		case "coalesce":
			m, err := h.coalesce(q, files)
			return encodeData(m), hideDir(err, dir)
		}
		if q.Dir == "" {
			q.Dir = dir + "/chart"
			if err := writeChart(q.Dir, fileBytes(q)); err != nil {
				return nil, err
			}
		}
		text, err := h.chart(q, append(files, q.ValueFiles...))
		return text, hideDir(err, dir)
	}
	return nil, fmt.Errorf("unknown kind %q", q.Kind)
}

// writeValues puts texts of values files, and those for --set-file, where Helm can read them.
func writeValues(texts []string, others map[string]string) (dir string, files []string, err error) {
	if dir, err = os.MkdirTemp("", "oracle"); err != nil {
		return
	}
	for i, text := range texts {
		file := fmt.Sprintf("%s/values-%d.yaml", dir, i)
		if err = os.WriteFile(file, []byte(text), 0o600); err != nil {
			return
		}
		files = append(files, file)
	}
	for name, text := range others {
		if err = os.WriteFile(dir+"/"+name, []byte(text), 0o600); err != nil {
			return
		}
	}
	return
}

// writeChart lays a chart out, so that .helmignore and marks of byte order are read as Helm reads them.
func writeChart(dir string, files map[string][]byte) error {
	for name, data := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func hideDir(err error, dir string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s", bytes.ReplaceAll([]byte(err.Error()), []byte(dir), []byte("DIR")))
}

// decodeData reads data as the vectors write it: {"$int64": "5"}, {"$int": "5"}, {"$float": "NaN"}; else as Helm does.
func decodeData(raw json.RawMessage) (any, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return nil, err
	}
	return typed(v), nil
}

func typed(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 1 {
			if s, ok := v["$int64"].(string); ok {
				n, _ := strconv.ParseInt(s, 10, 64)
				return n
			}
			if s, ok := v["$int"].(string); ok {
				n, _ := strconv.Atoi(s)
				return n
			}
			if s, ok := v["$float"].(string); ok {
				f, _ := strconv.ParseFloat(s, 64)
				return f
			}
		}
		for k, e := range v {
			v[k] = typed(e)
		}
	case []any:
		for i, e := range v {
			v[i] = typed(e)
		}
	}
	return v
}

// encodeData is the inverse of decodeData.
func encodeData(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = encodeData(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = encodeData(e)
		}
		return out
	case int64:
		return map[string]any{"$int64": strconv.FormatInt(v, 10)}
	case int:
		return map[string]any{"$int": strconv.Itoa(v)}
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return map[string]any{"$float": strconv.FormatFloat(v, 'g', -1, 64)}
		}
	}
	return v
}

func orDefault(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

// chartFiles adds the metadata that templates of kind "template" see.
func chartFiles(q request) map[string][]byte {
	files := map[string][]byte{
		"Chart.yaml": []byte("apiVersion: v2\nname: t\nversion: 0.1.0\nappVersion: 1.2.3\ntype: application\n"),
	}
	for name, text := range q.Files {
		files[name] = []byte(text)
	}
	files["templates/t.yaml"] = []byte(q.Template)
	return files
}

// fileBytes decodes the files of a chart; "base64:…" is binary.
func fileBytes(q request) map[string][]byte {
	files := map[string][]byte{}
	for name, text := range q.Files {
		files[name] = []byte(text)
		if len(text) > 7 && text[:7] == "base64:" {
			if data, err := base64.StdEncoding.DecodeString(text[7:]); err == nil {
				files[name] = data
			}
		}
	}
	return files
}

// Answers JSON lines about YAML: {"op": "...", "in": base64} -> {"out": base64} or {"err": base64}.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"

	yaml2 "go.yaml.in/yaml/v2"
	yaml3 "go.yaml.in/yaml/v3"
	"sigs.k8s.io/yaml"
)

type request struct {
	Op string `json:"op"`
	In []byte `json:"in"`
}

type response struct {
	Out []byte `json:"out,omitempty"`
	Err []byte `json:"err,omitempty"`
	Ok  bool   `json:"ok"`
}

func answer(op string, in []byte) (out []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	switch op {
	case "yamlToJson": // first document, sigs
		return yaml.YAMLToJSON(in)
	case "sigsAll": // all documents by v2's decoder
		d := yaml2.NewDecoder(bytes.NewReader(in))
		var all []interface{}
		for {
			var v interface{}
			if err := d.Decode(&v); err == io.EOF {
				break
			} else if err != nil {
				return nil, err
			}
			all = append(all, nil)
		}
		return []byte(strconv.Itoa(len(all))), nil
	case "unmarshalMap":
		m := map[string]interface{}{}
		if err := yaml.Unmarshal(in, &m); err != nil {
			return nil, err
		}
		return json.Marshal(m)
	case "marshal": // JSON in, Helm's toYaml
		var v interface{}
		if err := json.Unmarshal(in, &v); err != nil {
			return nil, err
		}
		return yaml.Marshal(v)
	case "jsonToYaml":
		return yaml.JSONToYAML(in)
	case "v3": // all documents to a list of JSON values
		d := yaml3.NewDecoder(bytes.NewReader(in))
		var all []interface{}
		for {
			var v interface{}
			if err := d.Decode(&v); err == io.EOF {
				break
			} else if err != nil {
				return nil, err
			}
			all = append(all, v)
		}
		return json.Marshal(all)
	case "v3map":
		m := map[string]interface{}{}
		if err := yaml3.Unmarshal(in, &m); err != nil {
			return nil, err
		}
		return json.Marshal(m)
	case "v3encode": // JSON in, Helm's toYamlPretty
		var v interface{}
		if err := json.Unmarshal(in, &v); err != nil {
			return nil, err
		}
		var b bytes.Buffer
		e := yaml3.NewEncoder(&b)
		e.SetIndent(2)
		if err := e.Encode(v); err != nil {
			return nil, err
		}
		return b.Bytes(), nil
	case "json":
		var v interface{}
		if err := json.Unmarshal(in, &v); err != nil {
			return nil, err
		}
		return json.Marshal(v)
	case "quote":
		return []byte(strconv.Quote(string(in))), nil
	case "quoteAscii":
		return []byte(strconv.QuoteToASCII(string(in))), nil
	case "unquote":
		s, err := strconv.Unquote(string(in))
		return []byte(s), err
	case "parseInt":
		n, err := strconv.ParseInt(string(in), 0, 64)
		return []byte(strconv.FormatInt(n, 10)), err
	case "parseFloat":
		f, err := strconv.ParseFloat(string(in), 64)
		return []byte(strconv.FormatFloat(f, 'e', -1, 64)), err
	case "formatFloat":
		var a struct {
			F    float64
			Fmt  string
			Prec int
		}
		if err := json.Unmarshal(in, &a); err != nil {
			return nil, err
		}
		return []byte(strconv.FormatFloat(a.F, a.Fmt[0], a.Prec, 64)), nil
	}
	return nil, fmt.Errorf("unknown op %q", op)
}

func main() {
	r := bufio.NewReaderSize(os.Stdin, 1<<20)
	w := bufio.NewWriterSize(os.Stdout, 1<<20)
	defer w.Flush()
	for {
		line, err := r.ReadBytes('\n')
		if len(line) > 1 {
			var q request
			if e := json.Unmarshal(line, &q); e != nil {
				panic(e)
			}
			var a response
			out, e := answer(q.Op, q.In)
			if e != nil {
				a.Err = []byte(e.Error())
			} else {
				a.Ok = true
				a.Out = out
			}
			b, _ := json.Marshal(a)
			w.Write(b)
			w.WriteByte('\n')
		}
		if err != nil {
			return
		}
	}
}

// Judges objects as Argo CD and Flux would: with Argo CD's Lua interpreter, Flux's kstatus and Flux's CEL. It reads the
// objects and the rules as JSON from standard input and writes one verdict an object, in their order.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/ext"
	lua "github.com/yuin/gopher-lua"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Expressions are those of `spec.healthCheckExprs` of a Flux Kustomization.
type Expressions struct {
	InProgress string `json:"inProgress"`
	Failed     string `json:"failed"`
	Current    string `json:"current"`
}

// Input names rules by kind.
type Input struct {
	Lua     map[string]string           `json:"lua"`
	CEL     map[string]Expressions      `json:"cel"`
	Objects []unstructured.Unstructured `json:"objects"`
}

// Health is a status and its message.
type Health struct {
	Status  string `json:"status"`
	Message string `json:"message"`
}

// Verdict is what each tool says; Flux is absent where there are no expressions for the kind.
type Verdict struct {
	ArgoCD  Health  `json:"argocd"`
	Kstatus Health  `json:"kstatus"`
	Flux    *Health `json:"flux,omitempty"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	var input Input
	if err := json.NewDecoder(os.Stdin).Decode(&input); err != nil {
		return fmt.Errorf("standard input: %w", err)
	}
	verdicts := make([]Verdict, 0, len(input.Objects))
	for i := range input.Objects {
		verdict, err := judge(&input, &input.Objects[i])
		if err != nil {
			return fmt.Errorf("%s %s: %w", input.Objects[i].GetKind(), input.Objects[i].GetName(), err)
		}
		verdicts = append(verdicts, verdict)
	}
	return json.NewEncoder(os.Stdout).Encode(verdicts)
}

func judge(input *Input, object *unstructured.Unstructured) (Verdict, error) {
	script, found := input.Lua[object.GetKind()]
	if !found {
		return Verdict{}, fmt.Errorf("no Lua for this kind")
	}
	argocd, err := runLua(script, object)
	if err != nil {
		return Verdict{}, fmt.Errorf("Lua: %w", err)
	}
	result, err := status.Compute(object)
	if err != nil {
		return Verdict{}, fmt.Errorf("kstatus: %w", err)
	}
	verdict := Verdict{
		ArgoCD:  argocd,
		Kstatus: Health{Status: string(result.Status), Message: result.Message},
	}
	if expressions, found := input.CEL[object.GetKind()]; found {
		flux, err := evaluate(expressions, object)
		if err != nil {
			return Verdict{}, fmt.Errorf("CEL: %w", err)
		}
		verdict.Flux = &flux
	}
	return verdict, nil
}

// As util/lua of Argo CD: no standard library but base and table, one second, a table with `status` as the answer.
func runLua(script string, object *unstructured.Unstructured) (Health, error) {
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer state.Close()
	for name, open := range map[string]lua.LGFunction{
		lua.BaseLibName: lua.OpenBase,
		lua.TabLibName:  lua.OpenTable,
	} {
		state.Push(state.NewFunction(open))
		state.Push(lua.LString(name))
		state.Call(1, 0)
	}
	limit, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	state.SetContext(limit)
	state.SetGlobal("obj", luaValue(state, object.Object))
	if err := state.DoString(script); err != nil {
		return Health{}, err
	}
	answer, ok := state.Get(-1).(*lua.LTable)
	if !ok {
		return Health{}, fmt.Errorf("it returned %s, not a table", state.Get(-1).Type())
	}
	health := Health{
		Status:  lua.LVAsString(answer.RawGetString("status")),
		Message: lua.LVAsString(answer.RawGetString("message")),
	}
	switch health.Status {
	case "Healthy", "Progressing", "Degraded", "Suspended", "Missing", "Unknown":
		return health, nil
	}
	return Health{}, fmt.Errorf("it returned the status %q, which Argo CD does not have", health.Status)
}

func luaValue(state *lua.LState, value any) lua.LValue {
	switch value := value.(type) {
	case bool:
		return lua.LBool(value)
	case string:
		return lua.LString(value)
	case int64:
		return lua.LNumber(value)
	case float64:
		return lua.LNumber(value)
	case []any:
		list := state.NewTable()
		for _, item := range value {
			list.Append(luaValue(state, item))
		}
		return list
	case map[string]any:
		table := state.NewTable()
		for key, item := range value {
			table.RawSetString(key, luaValue(state, item))
		}
		return table
	}
	return lua.LNil
}

// As runtime/cel of fluxcd/pkg: the generation first, then these three in this order, and InProgress if none holds.
func evaluate(expressions Expressions, object *unstructured.Unstructured) (Health, error) {
	observed, found, err := unstructured.NestedInt64(object.Object, "status", "observedGeneration")
	if err != nil {
		return Health{}, err
	}
	if found && observed != object.GetGeneration() {
		return Health{Status: string(status.InProgressStatus)}, nil
	}
	for _, each := range []struct {
		source string
		status status.Status
	}{
		{expressions.InProgress, status.InProgressStatus},
		{expressions.Failed, status.FailedStatus},
		{expressions.Current, status.CurrentStatus},
	} {
		if each.source == "" {
			continue
		}
		holds, err := holds(each.source, object)
		if err != nil {
			return Health{}, fmt.Errorf("%s: %w", each.source, err)
		}
		if holds {
			return Health{Status: string(each.status)}, nil
		}
	}
	return Health{Status: string(status.InProgressStatus)}, nil
}

// The fields of the object are the variables.
func holds(source string, object *unstructured.Unstructured) (bool, error) {
	environment, err := cel.NewEnv(
		cel.HomogeneousAggregateLiterals(),
		cel.CrossTypeNumericComparisons(true),
		cel.OptionalTypes(),
		ext.Strings(),
	)
	if err != nil {
		return false, err
	}
	parsed, issues := environment.Parse(source)
	if issues.Err() != nil {
		return false, issues.Err()
	}
	program, err := environment.Program(parsed)
	if err != nil {
		return false, err
	}
	value, _, err := program.Eval(object.Object)
	if err != nil {
		return false, err
	}
	result, ok := value.Value().(bool)
	if !ok {
		return false, fmt.Errorf("it yields %v, not a bool", value)
	}
	return result, nil
}

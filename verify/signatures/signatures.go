// Package signatures finds what a Go program uses of other modules, with its signatures, so that
// two versions of those modules can be compared.
package signatures

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// uses are the functions, methods, struct fields, constants, variables and types that a program
// uses, by their names, such as awscdk.Annotations.AddWarningV2, with their types.
type uses map[string]string

// program is what was found in packages of one module.
type program struct {
	packages []string
	uses     uses
	versions map[string]string // of the modules that it uses
}

// load returns what packages use of modules, in the versions that the go.mod of a folder asks for.
// It reads source and compiles nothing. With an error, such as a call that does not fit, the
// program has what could be found.
func load(dir string, modules []string, paths ...string) (program, error) {
	loaded, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports | packages.NeedDeps |
			packages.NeedTypes | packages.NeedTypesInfo | packages.NeedSyntax | packages.NeedModule,
		Dir: dir,
		Env: append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off"), // cgo would start a compiler
		ParseFile: func(fset *token.FileSet, name string, source []byte) (*ast.File, error) {
			return parser.ParseFile(fset, name, source, parser.SkipObjectResolution) // no comments
		},
	}, paths...)
	if err != nil {
		return program{}, err
	}
	found := program{uses: uses{}, versions: map[string]string{}}
	var failed []error
	packages.Visit(loaded, nil, func(p *packages.Package) {
		for _, err := range p.Errors {
			failed = append(failed, err)
		}
		if p.Module != nil && isOf(p.PkgPath, modules) {
			found.versions[p.Module.Path] = p.Module.Version
		}
	})
	for _, p := range loaded {
		found.packages = append(found.packages, p.PkgPath)
		found.uses.add(p.TypesInfo, p.Syntax, modules)
		found.uses.addImplemented(p.Types, p.TypesInfo, modules)
	}
	return found, errors.Join(failed...)
}

func isOf(path string, modules []string) bool {
	return slices.ContainsFunc(modules, func(m string) bool { return path == m || strings.HasPrefix(path, m+"/") })
}

// add adds what the files of a package use.
func (u uses) add(info *types.Info, files []*ast.File, modules []string) {
	owners := ownersOf(info, files, modules)
	for name, object := range info.Uses {
		if object.Pkg() == nil || !isOf(object.Pkg().Path(), modules) {
			continue
		}
		full := object.Pkg().Name() + "."
		if owner := owners[name]; owner != nil {
			full = owner.Pkg().Name() + "." + owner.Name() + "."
		}
		switch object := object.(type) {
		case *types.PkgName:
		case *types.TypeName:
			u[full+object.Name()] = kindOf(object)
		default:
			u[full+object.Name()] = typeString(object.Type())
		}
	}
}

// addImplemented adds the methods of the interfaces that a type of the package implements with a
// method of its own, because one more method there would break it.
func (u uses) addImplemented(p *types.Package, info *types.Info, modules []string) {
	for _, object := range info.Uses {
		name, ok := object.(*types.TypeName)
		if !ok || name.Pkg() == nil || !isOf(name.Pkg().Path(), modules) {
			continue
		}
		asked, ok := name.Type().Underlying().(*types.Interface)
		if !ok {
			continue
		}
		for _, own := range p.Scope().Names() {
			own, ok := p.Scope().Lookup(own).(*types.TypeName)
			if !ok || types.IsInterface(own.Type()) || !types.Implements(types.NewPointer(own.Type()), asked) {
				continue
			}
			var methods []string
			withOwn := false
			for method := range asked.Methods() {
				methods = append(methods, method.Name()+strings.TrimPrefix(typeString(method.Type()), "func"))
				found, _, _ := types.LookupFieldOrMethod(types.NewPointer(own.Type()), false, p, method.Name())
				withOwn = withOwn || found.Pkg() == p
			}
			if withOwn {
				u[name.Pkg().Name()+"."+name.Name()+", implemented"] = strings.Join(methods, "; ")
			}
		}
	}
}

// ownersOf returns the types whose fields and methods are selected or set.
func ownersOf(info *types.Info, files []*ast.File, modules []string) map[*ast.Ident]*types.TypeName {
	owners := map[*ast.Ident]*types.TypeName{}
	for _, file := range files {
		ast.Inspect(file, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.SelectorExpr:
				if selection := info.Selections[node]; selection != nil {
					owners[node.Sel] = ownerOf(selection, modules)
				}
			case *ast.CompositeLit:
				owner := typeName(info.TypeOf(node))
				for _, element := range node.Elts {
					if pair, ok := element.(*ast.KeyValueExpr); ok {
						if key, ok := pair.Key.(*ast.Ident); ok && owner != nil && isField(info.Uses[key]) {
							owners[key] = owner
						}
					}
				}
			}
			return true
		})
	}
	return owners
}

func isField(object types.Object) bool {
	v, ok := object.(*types.Var)
	return ok && v.IsField()
}

// ownerOf returns the type in which what is selected is found: that of the expression, or one that
// it embeds.
func ownerOf(selection *types.Selection, modules []string) *types.TypeName {
	owner := selection.Recv()
	path := selection.Index()
	for _, i := range path[:len(path)-1] {
		if pointer, ok := owner.Underlying().(*types.Pointer); ok {
			owner = pointer.Elem()
		}
		owner = owner.Underlying().(*types.Struct).Field(i).Type()
	}
	if name := typeName(owner); name != nil && name.Pkg() != nil && isOf(name.Pkg().Path(), modules) {
		return name
	}
	if signature, ok := selection.Obj().Type().(*types.Signature); ok && signature.Recv() != nil {
		return typeName(signature.Recv().Type()) // of an interface that an interface embeds
	}
	return nil
}

// typeName returns the name of a type, or of what it points to; nil if it has none.
func typeName(t types.Type) *types.TypeName {
	t = types.Unalias(t)
	if pointer, ok := t.(*types.Pointer); ok {
		t = types.Unalias(pointer.Elem())
	}
	if named, ok := t.(*types.Named); ok {
		return named.Obj()
	}
	return nil
}

// kindOf tells what a type is. Its fields and methods are uses of their own.
func kindOf(name *types.TypeName) string {
	switch underlying := name.Type().Underlying().(type) {
	case *types.Struct:
		return "struct"
	case *types.Interface:
		return "interface"
	default:
		return typeString(underlying)
	}
}

// typeString prints a type without the names of parameters, which no caller writes.
func typeString(t types.Type) string {
	signature, ok := t.(*types.Signature)
	if !ok {
		return types.TypeString(t, (*types.Package).Name)
	}
	unnamed := func(tuple *types.Tuple) *types.Tuple {
		var vars []*types.Var
		for v := range tuple.Variables() {
			vars = append(vars, types.NewVar(token.NoPos, nil, "", v.Type()))
		}
		return types.NewTuple(vars...)
	}
	return types.TypeString(types.NewSignatureType(nil, nil, nil, unnamed(signature.Params()), unnamed(signature.Results()),
		signature.Variadic()), (*types.Package).Name)
}

// difference is a name whose type differs between two versions.
type difference struct{ name, lowest, newest string }

// differences compares what one program uses with two versions. A type is empty where the name is
// missing.
func differences(lowest, newest uses) []difference {
	names := maps.Clone(lowest)
	maps.Copy(names, newest)
	var found []difference
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if lowest[name] != newest[name] {
			found = append(found, difference{name, lowest[name], newest[name]})
		}
	}
	return found
}

// unexplained returns the differences that have no reason, and the reasons that have no difference.
func unexplained(found []difference, reasons map[string]string) []string {
	var problems []string
	without := maps.Clone(reasons)
	for _, d := range found {
		delete(without, d.name)
		if reasons[d.name] == "" {
			problems = append(problems, fmt.Sprintf(
				"%s is %s in the lowest version and %s in the newest: use it in a way that compiles with both, and name it here",
				d.name, cmp.Or(d.lowest, "missing"), cmp.Or(d.newest, "missing")))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(without)) {
		problems = append(problems, name+" does not differ, or is not used: remove it here")
	}
	return problems
}

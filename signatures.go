package textractasync

import "reflect"

// An optional argument that a minor release of the CDK adds in TypeScript is one more parameter in
// Go, so no direct call of that function compiles with the versions before and after it. What has
// changed between the lowest and the newest supported version is called through here.

// callWith calls a function with arguments, and with zero values for the parameters behind them. It
// takes a method value: a method that is looked up by its name would keep the linker from removing
// the unused methods of the whole program.
func callWith(function any, arguments ...any) {
	f := reflect.ValueOf(function)
	values := make([]reflect.Value, f.Type().NumIn())
	for i := range values {
		if i < len(arguments) {
			values[i] = reflect.ValueOf(arguments[i])
		} else {
			values[i] = reflect.Zero(f.Type().In(i))
		}
	}
	f.Call(values)
}

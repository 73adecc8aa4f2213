package textractasync

import "reflect"

// An optional argument that a minor release of the CDK adds in TypeScript is one more parameter in
// Go, so no direct call of that function compiles with the versions before and after it. What has
// changed between the lowest and the newest supported version is called through here, and is a row
// of verify/signatures, which finds such a change.

// callWith calls a function with arguments, and with zero values for the parameters behind them. It
// takes a method value: a method that is looked up by its name would keep the linker from removing
// the unused methods of the whole program.
func callWith(function any, arguments ...any) {
	f := reflect.ValueOf(function)
	var values []reflect.Value
	for _, argument := range arguments {
		values = append(values, reflect.ValueOf(argument))
	}
	required := f.Type().NumIn()
	if f.Type().IsVariadic() {
		required--
	}
	for i := len(values); i < required; i++ {
		values = append(values, reflect.Zero(f.Type().In(i)))
	}
	f.Call(values)
}

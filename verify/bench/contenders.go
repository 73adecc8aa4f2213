package main

// The contenders, as the tables name them.
const (
	ours      = "textractasync"
	byHand    = "Go by hand"
	strict    = "Go by hand, as strict"
	floor     = "JavaScript"
	solutions = "Solutions Constructs"
)

// contender is an app that builds pipelines.
type contender struct {
	name    string
	command func(s *session) []string
}

func (s *session) contenders() []contender {
	return []contender{
		goContender(ours),
		goContender(byHand),
		goContender(strict),
		{floor, script("bench")},
		{solutions, script("solutions")},
	}
}

// inGo are those that speak to the jsii kernel.
func (s *session) inGo() []contender { return s.contenders()[:3] }

// rivals are those that build the same resources.
func (s *session) rivals() []contender { return s.contenders()[:4] }

func goContender(name string) contender {
	return contender{name, func(s *session) []string { return []string{s.binary(name)} }}
}

func script(name string) func(*session) []string {
	return func(*session) []string { return []string{"node", "bench/js/" + name + ".mjs"} }
}

func packageOf(name string) string {
	switch name {
	case ours:
		return "./bench/apps/textractasync"
	case byHand:
		return "./bench/apps/handwritten"
	case strict:
		return "./bench/apps/strict"
	default:
		panic(name + " is no contender in Go")
	}
}

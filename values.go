package textractasync

// statement is one statement of an IAM policy, as JSON has it.
type statement map[string]any

func valueOr[T any](given *T, fallback T) T {
	if given == nil {
		return fallback
	}
	return *given
}

func firstOf[T any](given, fallback *T) *T {
	if given != nil {
		return given
	}
	return fallback
}

func orDefault[T ~string](given, fallback T) T {
	if given == "" {
		return fallback
	}
	return given
}

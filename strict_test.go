package textractasync_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/cdk-textract/textractasync/internal/scenario"
)

// TestTemplatesPassTheValidator runs itself once more in a process with the template validator of the CDK on, where every
// finding of it is an error.
func TestTemplatesPassTheValidator(t *testing.T) {
	if os.Getenv(envValidation) == "true" {
		for _, s := range scenario.All() {
			synthesize(t, s, map[string]any{"@aws-cdk/core:strictCfnValidateErrors": true})
		}
		return
	}
	strict := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	strict.Env = append(os.Environ(), envValidation+"=true", envRequestLog+"=")
	if output, err := strict.CombinedOutput(); err != nil {
		t.Errorf("strict synthesis: %v\n%s", err, output)
	}
}

package rulepacks

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"

	"github.com/cdk-textract/textractasync/verify/proof"
)

// NagPacks are the packs of cdk-nag, by the beginnings of their rules' names.
var NagPacks = []string{"AwsSolutions", "HIPAA.Security", "NIST.800.53.R5", "PCI.DSS.321"}

// AddNag has an app checked while it is synthesized. Aspects do not reach into stages, so that each gets its own.
func AddNag(app constructs.Construct) {
	addNagTo(app)
	for _, child := range *app.Node().Children() {
		if *awscdk.Stage_IsStage(child) {
			addNagTo(child)
		}
	}
}

func addNagTo(scope constructs.IConstruct) {
	props := &cdknag.NagPackProps{
		Reports: jsii.Bool(true), ReportFormats: &[]cdknag.NagReportFormat{cdknag.NagReportFormat_JSON},
	}
	aspects := awscdk.Aspects_Of(scope)
	aspects.Add(cdknag.NewAwsSolutionsChecks(props), nil)
	aspects.Add(cdknag.NewHIPAASecurityChecks(props), nil)
	aspects.Add(cdknag.NewNIST80053R5Checks(props), nil)
	aspects.Add(cdknag.NewPCIDSS321Checks(props), nil)
}

var nagMessage = regexp.MustCompile(`(?s)^([\w.]+-\w+)(?:\[(.*?)\])?: (.*)$`)

// NagFindings reads what cdk-nag left in an assembly: findings as annotations, and in reports how often a rule was applied. A
// rule that could not be applied is a finding too.
func NagFindings(dir string, a *proof.Assembly) (findings []Finding, applied int, err error) {
	for _, note := range a.Annotations {
		parts := nagMessage.FindStringSubmatch(note.Message)
		if parts == nil {
			continue
		}
		pack, _, _ := strings.Cut(parts[1], "-")
		findings = append(findings, Finding{pack, parts[1], parts[2], note.Path, strings.TrimSpace(parts[3])})
	}
	violations, applied, err := readNagReports(dir)
	if err != nil {
		return nil, 0, err
	}
	if violations != len(findings) {
		return nil, 0, fmt.Errorf("%s: cdk-nag reports %d violations, and left %d annotations", dir, violations, len(findings))
	}
	return findings, applied, nil
}

func readNagReports(dir string) (violations, applied int, err error) {
	reports := 0
	err = filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "-NagReport.json") {
			return err
		}
		reports++
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var report struct{ Lines []struct{ Compliance string } }
		if err := json.Unmarshal(text, &report); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		for _, line := range report.Lines {
			applied++
			if line.Compliance != "Compliant" {
				violations++
			}
		}
		return nil
	})
	if err == nil && reports == 0 {
		err = fmt.Errorf("%s: cdk-nag left no report", dir)
	}
	return violations, applied, err
}

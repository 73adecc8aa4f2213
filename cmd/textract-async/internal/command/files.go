package command

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/cdk-textract/textractasync/textractclient"
)

// writeFiles writes text.txt, table-PAGE-NUMBER.csv, result-NUMBER.json and, of a lending analysis, summary.json.
func (r results) writeFiles(folder string) error {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return err
	}
	var text strings.Builder
	if err := r.writeText(&text); err != nil {
		return err
	}
	if err := writeFile(folder, "text.txt", []byte(text.String())); err != nil {
		return err
	}
	for _, page := range r.document().Pages {
		for i, table := range page.Tables {
			if err := writeCSV(filepath.Join(folder, fmt.Sprintf("table-%d-%d.csv", page.Number, i+1)), table); err != nil {
				return err
			}
		}
	}
	for i, page := range r.pages {
		if err := writeJSONFile(folder, fmt.Sprintf("result-%d.json", i+1), page); err != nil {
			return err
		}
	}
	if r.summary == nil {
		return nil
	}
	return writeJSONFile(folder, "summary.json", r.summary)
}

func writeFile(folder, name string, content []byte) error {
	return os.WriteFile(filepath.Join(folder, name), content, 0o600)
}

func writeJSONFile(folder, name string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return writeFile(folder, name, append(text, '\n'))
}

func writeCSV(name string, table textractclient.Table) (err error) {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return csv.NewWriter(file).WriteAll(table.Rows())
}
